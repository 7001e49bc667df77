"""Directives of transports over a client of netmail, brought into that client's options.

This file must not know which client it is.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from difflib import get_close_matches
from typing import Any, Final

import netmail
from netmail import UsageError
from netmail.delivery.directives import check_names

_PLACES: Final = frozenset({"host", "url", "unix_socket"})
_TLS: Final = {"required": netmail.TLS_ALL, "optional": netmail.TLS_TRY}
_NO_TLS: Final = ("", "none", "no", "off", "false")
# Marrow Mailer's name: netmail's option.
_RENAMED: Final = {"certfile": "client_cert", "keyfile": "client_key", "pipeline": "max_messages"}


def client_options(config: Mapping[str, object], where: str) -> tuple[Any, dict[str, Any]]:
    """Return the URL, and netmail's options, for Marrow Mailer's directives and netmail's own.

    Args:
        config: The directives; those that are `None` are left out.
        where: Whose they are, for errors.

    Raises:
        UsageError: If neither host nor URL is given, or a value is wrong.
    """
    given = {name: value for name, value in config.items() if name != "use" and value is not None}
    if not _PLACES & given.keys():
        # A name that is nearly one of them is what the program has meant.
        check_names((name for name in given if get_close_matches(name, _PLACES)), _PLACES, where)
        raise UsageError(f"{where}: the directive 'host' is missing")
    options = {_RENAMED.get(name, name): value for name, value in given.items()}
    tls = options.pop("tls", None)
    if isinstance(tls, str) and tls.lower() == "ssl":
        options["tls_implicit"] = True
    elif tls is not None:
        options["tls"] = _tls_mode(tls, where)
    if "timeout" in options:
        options["timeout"] = timedelta(seconds=_number(options["timeout"], f"{where}: timeout"))
    if isinstance(options.get("port"), str):
        options["port"] = int(_number(options["port"], f"{where}: port"))
    return options.pop("url", None), options


def _tls_mode(tls: object, where: str) -> netmail.TlsMode:
    if isinstance(tls, netmail.TlsMode):
        return tls
    name = str(tls).lower()
    if name in _TLS:
        return _TLS[name]
    if not tls or name in _NO_TLS:
        return netmail.TLS_NONE
    raise UsageError(f'{where}: tls is {tls!r}, not "required", "optional", "ssl" or "none"')


def _number(value: object, where: str) -> float:
    with suppress(ValueError):
        number = float(str(value))
        # `nan` and `inf` are no ports and no durations.
        if abs(number) <= threading.TIMEOUT_MAX:
            return number
    raise UsageError(f"{where} is {value!r}, not a number")
