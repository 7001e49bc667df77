"""One message of many that were asked for over POP3, or the refusal of it.

This file must not know commands, nor how messages are sent together.
"""

from netmail.errors import Pop3Error


class Pop3Message:
    """A message as `retr_many()` or `top_many()` fetched it.

    Attributes:
        uid: What it was asked for by: its number, or its unique-id.
        number: Its number in this session; 0 for a unique-id that no message has.
        error: Why the server did not send it; `None` if it did.

    RFC 1939 sections 5 and 7.
    """

    __slots__ = ("_content", "error", "number", "uid")

    def __init__(
        self, uid: int | str, number: int, content: bytes = b"", error: Pop3Error | None = None
    ) -> None:
        self.uid = uid
        self.number = number
        self.error = error
        self._content = content

    @property
    def content(self) -> bytes:
        """The octets as sent, dot-stuffing undone.

        Raises:
            Pop3Error: If the server has refused this message.
        """
        if self.error is not None:
            raise self.error
        return self._content

    def __repr__(self) -> str:
        shown = f"{len(self._content)} octets" if self.error is None else f"refused: {self.error}"
        return f"<Pop3Message {self.uid!r}: {shown}>"
