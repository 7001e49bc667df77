"""URLs of messages and their parts, as CATENATE takes them.

This file knows the form of a URL, and no command.

RFC 5092 section 11.
"""

import re
from dataclasses import dataclass
from typing import Final

from netmail.errors import UsageError
from netmail.text import check_text

# bchar = achar / ":" / "@" / "/", achar = uchar / "&" / "=", uchar = unreserved / sub-delims-sh /
# pct-encoded (RFC 5092 section 11); sub-delims-sh = "!" / "$" / "'" / "(" / ")" / "*" / "+" / ","
# and unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~": any other octet is written as %HH.
_ENCODED: Final = re.compile(rb"[^A-Za-z0-9\-._~!$'()*+,&=:@/]")


@dataclass(frozen=True, slots=True)
class MessageUrl:
    """A message on the server, or a part of one, without its octets.

    Attributes:
        folder: Its mailbox.
        uid: Its UID.
        section: What of it, as in BODY[...]: "HEADER", "1.MIME", "1"; "" for the whole message.
        uidvalidity: The UIDVALIDITY that the UID belongs to; `None` for whichever it is.
        partial: The first octet, and how many; `None` for all of them.

    Raises:
        UsageError: If a number is none, or a text holds a line end, NUL or lone surrogate.

    RFC 5092 section 11: iabsolute-path.
    """

    folder: str
    uid: int
    section: str = ""
    uidvalidity: int | None = None
    partial: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not check_text(self.folder, "a mailbox name"):
            raise UsageError("a mailbox name cannot be empty")
        check_text(self.section, "a section")
        for number in (self.uid, 1 if self.uidvalidity is None else self.uidvalidity):
            # nz-number = digit-nz *DIGIT ; 0 < n < 4,294,967,296
            if type(number) is not int or not 0 < number < 1 << 32:
                raise UsageError(f"a UID and UIDVALIDITY are numbers from 1, not {number!r:.60}")
        if self.partial is not None:
            _check_range(self.partial)

    def __str__(self) -> str:
        # iabsolute-path = "/" [imailbox-ref ...], imailbox-ref = enc-mailbox [uidvalidity],
        # uidvalidity = ";UIDVALIDITY=" nz-number, iuid-only = ";UID=" nz-number,
        # isection-only = ";SECTION=" enc-section, ipartial-only = ";PARTIAL=" partial-range:
        #
        # /Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1.MIME
        url = f"/{_encoded(self.folder)}"
        if self.uidvalidity is not None:
            url += f";UIDVALIDITY={self.uidvalidity}"
        url += f"/;UID={self.uid}"
        if self.section:
            url += f"/;SECTION={_encoded(self.section)}"
        if self.partial is not None:
            url += f"/;PARTIAL={self.partial[0]}.{self.partial[1]}"
        return url


def _encoded(text: str) -> str:
    # "Mailbox names are encoded as UTF-8 and percent-encoded", not in modified UTF-7: RFC 5092
    # section 8.
    return _ENCODED.sub(lambda found: b"%%%02X" % found[0][0], text.encode()).decode("ascii")


def _check_range(partial: object) -> None:
    # partial-range = number ["." nz-number] ; first octet, and how many
    match partial:
        case (int() as first, int() as count) if first >= 0 and count > 0:
            return
    raise UsageError(f"partial is the first octet and how many, not {partial!r:.60}")
