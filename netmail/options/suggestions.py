"""The option that was probably meant, for a name that is none.

This file knows names only: not what an option means.
"""

from collections.abc import Iterable, Mapping
from typing import Final

# What other mail libraries call ours: spelling alone does not lead there.
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
    """Return the known name that is nearest to what was written."""
    # Imported where it is used: only a mistake needs it.
    from difflib import SequenceMatcher  # noqa: PLC0415 -- see above

    text = str(name)[:100].lower()
    if text in _CALLED_ELSEWHERE:
        return _CALLED_ELSEWHERE[text]
    return max(known, key=lambda item: SequenceMatcher(None, text, item).ratio())
