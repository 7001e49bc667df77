"""The data of IMAP response codes that are more than a number or a text.

This file knows no grammar: `wire` reads the values.
"""

from dataclasses import dataclass
from typing import TypeAlias

from netmail.results.imap import AppendResult, CopyResult


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long command is: INPROGRESS.

    Attributes:
        tag: The command's tag; "" if the server does not name it.
        done: How much is done; `None` if the server does not know.
        goal: How much there is; `None` if the server does not know.

    RFC 9585 section 4.
    """

    tag: str = ""
    done: int | None = None
    goal: int | None = None


@dataclass(frozen=True, slots=True)
class MessageLimit:
    """How many messages one command may work on: MESSAGELIMIT.

    Attributes:
        limit: That number.
        uid: The lowest UID that was worked on; `None` where the server does not say.

    RFC 9738 section 3.
    """

    limit: int
    uid: int | None = None


@dataclass(frozen=True, slots=True)
class MetadataProblem:
    """Why an annotation was refused or left out: METADATA.

    Attributes:
        reason: "LONGENTRIES", "MAXSIZE", "TOOMANY" or "NOPRIVATE".
        size: The size of the largest that was left out, or that is allowed, in octets.

    RFC 5464 sections 4.2.1 and 4.3.
    """

    reason: str
    size: int | None = None


CodeValue: TypeAlias = (
    int
    | str
    | tuple[int, ...]
    | tuple[str, ...]
    | AppendResult
    | CopyResult
    | MessageLimit
    | MetadataProblem
    | Progress
    | None
)
"""The data of a response code: `None` if it has none, or none that makes sense."""
