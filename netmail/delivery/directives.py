"""Configuration: nested or flat keys, and the directives of one manager or transport.

This file must not know which directives there are.
"""

import difflib
import os
import threading
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from os import PathLike
from typing import TYPE_CHECKING, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from netmail import RetryPolicy, UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

D = TypeVar("D", bound="DataclassInstance")

_TRUTHS: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0", ""), False),
}


def nested(config: Mapping[str, object], prefix: str | None = None) -> dict[str, object]:
    """Bring keys with dots and nested dictionaries into one shape: dictionaries in dictionaries.

    Args:
        config: Such as `{"transport.use": "smtp"}` or `{"transport": {"use": "smtp"}}`, or both.
        prefix: What the keys of netmail begin with; others are left out. "mail" and "mail." are
            the same.

    Raises:
        UsageError: If it is no mapping, a key is no str, or is both a value and a group, or groups
            are too deep.
    """
    if not isinstance(config, Mapping):
        raise UsageError(f"the configuration is a mapping, not {type(config).__name__}")
    if not isinstance(prefix, str | None):
        raise UsageError(f"the prefix is a str, not {prefix!r:.60}")
    # "transport.use" and {"transport": {"use": ...}} may be mixed, as where a framework merges the
    # settings of a file with those of its environment.
    tree: dict[str, object] = {}
    for key, value in config.items():
        if not isinstance(key, str):
            raise UsageError(f"configuration: {key!r} is no key; keys are str")
        try:
            _put(tree, key, value)
        except RecursionError:  # a group that holds itself, too
            raise UsageError(f"configuration: {key!r:.60} has groups in groups too deep") from None
    for part in (prefix or "").strip(".").split(".") if prefix else ():
        inner = tree.get(part, {})
        if not isinstance(inner, dict):
            raise UsageError(f"configuration: {part!r} is a value, not a group of keys")
        tree = inner
    return tree


def _put(tree: dict[str, object], key: str, value: object) -> None:
    *groups, name = key.split(".")
    for group in groups:
        inner = tree.setdefault(group, {})
        if not isinstance(inner, dict):
            raise UsageError(f"configuration: {group!r} in {key!r} has a value already")
        tree = inner
    if isinstance(value, Mapping):
        inner = tree.setdefault(name, {})
        if not isinstance(inner, dict):
            raise UsageError(f"configuration: {key!r} is given as a value and as a group")
        for each, content in value.items():
            _put(inner, str(each), content)
    elif isinstance(tree.get(name), dict):
        raise UsageError(f"configuration: {key!r} is given as a value and as a group")
    else:
        tree[name] = value


def check_names(given: Iterable[str], known: Iterable[str], where: str) -> None:
    """Refuse a name that is not known.

    Raises:
        UsageError: With the nearest known name.
    """
    names = sorted(known)
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it knows: {', '.join(names)}"
            raise UsageError(f"{where}: there is no directive {name!r}; {hint}")


def read_directives(kind: type[D], config: Mapping[str, object], where: str) -> D:
    """Make the dataclass that has one field a directive.

    A number or a truth may be given as text, as configuration files do.

    Args:
        kind: The dataclass; a field without a default must be given.
        config: The directives.
        where: Whose they are, for errors.

    Raises:
        UsageError: If a directive is unknown, missing, or of the wrong kind.
    """
    # "use" names the manager or transport itself, and is in the same group as its directives.
    known = {each.name: each for each in fields(kind)}
    given = {name: value for name, value in config.items() if name != "use"}
    check_names(given, known, where)
    hints = get_type_hints(kind)
    values = {}
    for name, each in known.items():
        if name in given:
            place = f"{where}: {name}"
            values[name] = _converted(given[name], hints[name], place, is_shown=each.repr)
        elif _is_required(each):
            raise UsageError(f"{where}: the directive {name!r} is missing")
    return kind(**values)


def _is_required(each: "Field[object]") -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _converted(value: object, hint: object, where: str, *, is_shown: bool) -> object:
    """Return the value as a field's type has it.

    Args:
        value: The value.
        hint: The type.
        where: Whose it is, for errors.
        is_shown: Whether errors show the value, which may be a secret.
    """
    # `str | None` means that the directive may be left out, or be given as None.
    kinds = get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
    if object in kinds or (value is None and type(None) in kinds):
        return value
    for kind in kinds:
        plain = get_origin(kind) or kind
        if plain is RetryPolicy and isinstance(value, Mapping):
            return read_directives(RetryPolicy, value, where)
        if plain is bool and isinstance(value, str) and value.strip().lower() in _TRUTHS:
            return _TRUTHS[value.strip().lower()]
        if plain in {int, float}:
            number = None if isinstance(value, bool) else _number(value, plain)
            if number is not None:
                return number
            continue
        if plain is PathLike and isinstance(value, PathLike):
            return value
        if isinstance(plain, type) and isinstance(value, plain) and not _is_bool_for(value, plain):
            return _checked_text(value, where)
    names = " or ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)
    shown = f"{value!r:.80}" if is_shown else "a value"
    raise UsageError(f"{where} is {shown}, not {names}")


def _checked_text(value: object, where: str) -> object:
    """Refuse a text that no system call and no field of a request takes."""
    if isinstance(value, str):
        try:
            # Octets of a file's name that are no UTF-8 are surrogates, and may be there.
            octets = os.fsencode(value)
        except UnicodeEncodeError:
            raise UsageError(f"{where} has a lone surrogate") from None
        if b"\0" in octets:
            raise UsageError(f"{where} has NUL")
    return value


def _is_bool_for(value: object, kind: type) -> bool:
    return isinstance(value, bool) and kind is not bool


def _number(value: object, kind: type) -> int | float | None:
    if not isinstance(value, int | float | str):
        return None
    # INI files and environments have text only; "1.5" is no int, and "inf" is none either.
    try:
        number = float(value)
        if kind is int:
            return int(value) if int(value) == number else None
    except (ValueError, OverflowError):
        return None
    # Seconds, all of them: no system waits longer, and "nan" is not less than that.
    return number if abs(number) <= threading.TIMEOUT_MAX else None
