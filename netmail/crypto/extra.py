"""Loading what needs the extra `crypto`, with an error that names it.

This file must not know what any of it does.
"""

from collections.abc import Mapping
from importlib import import_module

from netmail import UsageError

_INSTALLED = frozenset({"cryptography", "asn1crypto", "pysequoia"})


def loaded(package: str, homes: Mapping[str, str], name: str) -> object:
    """Return a public name of a package from the module that defines it.

    Args:
        package: The package's dotted name.
        homes: The names that each of its modules defines, with spaces between them.
        name: The name.

    Raises:
        AttributeError: If no module defines it.
        UsageError: If what it needs is not installed.
    """
    for home, names in homes.items():
        if name in names.split():
            try:
                return getattr(import_module(f"{package}.{home}"), name)
            except ImportError as missing:
                if (missing.name or "").partition(".")[0] not in _INSTALLED:
                    raise
                raise UsageError(
                    f"{package} needs {missing.name}: pip install netmail[crypto]"
                ) from missing
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
