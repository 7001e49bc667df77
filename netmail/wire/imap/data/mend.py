"""What is against the grammar in data that only describes, and can be left out or filled in.

This file knows that `strict` refuses it, and no data.
"""

from netmail.errors import ProtocolError


def mend(what: str, expected: str, *, strict: bool) -> None:
    """Continue in spite of something that is missing or too much, unless the session is strict.

    Raises:
        ProtocolError: If it is.
    """
    if strict:
        raise ProtocolError(what, b"", expected)
