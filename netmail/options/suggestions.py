"""The option that was probably meant, for a name that is unknown.

This file must not know what an option means, only names.
"""

from collections.abc import Iterable, Mapping
from typing import Final

# What other mail libraries call these options: similar spelling does not find them.
_CALLED_ELSEWHERE: Final[Mapping[str, str]] = {
    "user": "username",
    "login": "username",
    "server": "host",
    "ssl": "tls_implicit",
    "use_ssl": "tls_implicit",
    "use_tls": "tls",
    "starttls": "tls",
    "ssl_context": "ca_file",
    "context": "ca_file",
    "cafile": "ca_file",
    "folder": "mailbox",
}


def nearest_name(name: object, known: Iterable[str]) -> str:
    """Return the known name that is nearest to the unknown one."""
    # Imported where it is used: only a mistake needs it.
    from difflib import SequenceMatcher  # noqa: PLC0415 -- see above

    text = str(name)[:100].lower()
    if text in _CALLED_ELSEWHERE:
        return _CALLED_ELSEWHERE[text]
    return max(known, key=lambda item: SequenceMatcher(None, text, item).ratio())
