"""The responses to one IMAP command, collected until the tagged one.

This file knows kinds of responses, and neither a command nor what a response means for the session.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from netmail.errors import ImapError, ProtocolError
from netmail.wire.imap import responses
from netmail.wire.imap.data.response_code import code_value
from netmail.wire.imap.fragments import Fragments
from netmail.wire.imap.responses import NO_CODE, DataResponse, ResponseCode, StatusResponse
from netmail.wire.server_text import encode

_EVENTS: Final = frozenset({"LIST", "METADATA", "STATUS"})
_NOT_YET: Final = StatusResponse(b"", "", NO_CODE, "")


@dataclass(slots=True)
class Responses:
    """What the server sends while one command is in progress.

    Attributes:
        tagged: The tagged response, which comes last.
        untagged: The untagged responses, in their order.
        codes: The response codes of the untagged status responses.
        nesting: How deep lists in the responses may nest.
        utf8: Whether mailbox names in the responses are in UTF-8.
        fetches: Whether the command may fetch content. If not, FETCH responses are not kept, since
            a server may send any content unsolicited, and `limits.command` counts for the whole.
        streams: Whether FETCH responses are handed over as they come, so that no limit counts for
            the whole of them.
        also: The name of other responses that are handed over with those.
        kinds: The names of the responses that the command asks for, beside FETCH.

    RFC 9051 section 7.
    """

    tagged: StatusResponse = _NOT_YET
    untagged: list[Fragments] = field(default_factory=list)
    codes: list[ResponseCode] = field(default_factory=list)
    nesting: int = responses.MAX_NESTING
    utf8: bool = False
    fetches: bool = False
    streams: bool = False
    also: bytes = b""
    kinds: Collection[str] = ()

    def solicits(self, name: bytes | None) -> bool:
        """Tell whether responses of this name are what the command asks for, and no event."""
        # "Event notifications" of NOTIFY, RFC 5465 section 5, are STATUS, LIST and METADATA.
        if name == b"FETCH":
            return self.fetches
        kind = name.decode("ascii").upper() if self.kinds and name else ""
        return kind in _EVENTS and kind in self.kinds

    def named(self, *names: str) -> list[DataResponse]:
        """List the untagged responses of these names; what follows the name is not yet parsed."""
        # Parsed on demand: of ten thousand FETCH responses most never need it.
        read = (
            responses.data(fragments, self.nesting, utf8=self.utf8) for fragments in self.untagged
        )
        return [response for response in read if response is not None and response.name in names]

    def code(self, name: str) -> str | None:
        """Find the data of a response code; the tagged response's comes first."""
        # COPYUID is in the tagged OK of COPY and in an untagged OK of MOVE, RFC 6851 section 4.3.
        codes = (self.tagged.code, *self.codes)
        return next((code.data for code in codes if code.name == name), None)


def raise_unless_ok(tagged: StatusResponse, command: str) -> None:
    """Judge a tagged response.

    Raises:
        ImapError: If it is NO or BAD.
        ProtocolError: If it is neither those nor OK.

    RFC 9051 section 9: response-tagged, resp-cond-state.
    """
    # response-tagged = tag SP resp-cond-state CRLF, resp-cond-state = ("OK" / "NO" / "BAD") SP
    # resp-text: BYE and PREAUTH are never tagged.
    if tagged.status == "OK":
        return
    if tagged.status not in {"NO", "BAD"}:
        raise ProtocolError("a tagged response is neither OK, NO nor BAD", shown(tagged))
    value = code_value(tagged.code)
    raise ImapError(command, tagged.text, tagged.status, tagged.code.name, value)


def shown(response: StatusResponse) -> bytes:
    """Write a status response for an error, without its tag and code."""
    return encode(f"{response.status} {response.text}")
