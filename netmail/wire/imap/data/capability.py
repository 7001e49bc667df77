"""Capabilities: what a server offers, and what is part of another capability.

This file knows names, and nothing of what they mean.

RFC 9051 section 6.1.1 and appendix E.
"""

from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

# RFC 9051 appendix E: these are "folded in"; of BINARY only the FETCH side is.
IN_REV2: Final = frozenset(
    {
        *("NAMESPACE", "UNSELECT", "UIDPLUS", "ESEARCH", "SEARCHRES", "ENABLE", "IDLE", "SASL-IR"),
        *("LIST-EXTENDED", "LIST-STATUS", "MOVE", "LITERAL-", "SPECIAL-USE", "STATUS=SIZE"),
        "CHILDREN",
    }
)


def is_offered(capability: str, capabilities: AbstractSet[str]) -> bool:
    """Tell whether a server offers an extension, by name or as part of IMAP4rev2.

    Args:
        capability: The extension, in upper case.
        capabilities: What the server offers, in upper case.

    RFC 9051 section 6.1.1 and appendix E.
    """
    return capability in capabilities or (capability in IN_REV2 and "IMAP4REV2" in capabilities)


# A program with a thousand connections has few servers, and needs each one's names once.
@lru_cache(maxsize=16)
def names(text: str) -> frozenset[str]:
    """Read a list of capabilities, in upper case: they are not case-sensitive.

    capability-data = "CAPABILITY" *(SP capability) SP "IMAP4rev2" *(SP capability)
                                                                              RFC 9051 section 9
    """
    return frozenset(text.upper().split())
