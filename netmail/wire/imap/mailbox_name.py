"""Mailbox names as servers write them, in LIST and in STATUS.

This file knows every form of a name, and no response.
"""

import re
from typing import Final

from netmail.errors import ProtocolError
from netmail.wire.imap import quirks, responses, utf7
from netmail.wire.imap.fragments import Fragments
from netmail.wire.server_text import decode

# mailbox = "INBOX" / astring; without quotes that is 1*ASTRING-CHAR, any octet but these.
# After it may come mbox-list-extended = "(" ... ")", RFC 9051 section 9.
_BARE: Final = re.compile(rb'(?P<name>[^\x00-\x20\x7f(){%*"\\]++)(?: +\((?P<more>.*))?', re.DOTALL)


def mailbox_name(fragments: Fragments, *, strict: bool) -> bytes:
    """Read a mailbox name, which ends the response, as the octets that the server wrote.

    Raises:
        ProtocolError: If there is no name, or something else after it.

    RFC 9051 section 9: mailbox.
    """
    if len(fragments) > 1:
        return _name_with_literals(fragments)
    # INBOX, a]b, NIL: "NIL is never used for any data item that takes the form of an atom",
    # RFC 9051 section 4.5.
    text = fragments[0]
    if bare := _BARE.fullmatch(text):
        return bare["name"]
    if text.startswith(b'"'):
        return _quoted_name(text, strict=strict)
    return _unquoted_name(text, strict=strict)


def decoded_name(written: bytes, *, strict: bool, utf8: bool = False) -> str:
    """Decode a name from modified UTF-7, or keep it as it is written.

    Args:
        written: The name as the server wrote it.
        strict: Whether tolerances for known servers are off.
        utf8: Whether names are in UTF-8, as after ENABLE UTF8=ACCEPT.

    RFC 3501 section 5.1.3; RFC 6855 section 3; RFC 9051 section 5.1.
    """
    # "IMAP4rev2 uses UTF-8 for mailbox names": a "&" is itself there.
    if utf8:
        return decode(written)
    if not utf7.is_canonical(written):
        quirks.tolerate(quirks.FOREIGN_NAME, written, strict=strict)
    return utf7.decode(written)


def _name_with_literals(fragments: Fragments) -> bytes:
    # string = quoted / literal: spaces before the literal, its octets, nothing after them; or
    # mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")", where
    # a literal may be too, as of an old name: {1} CRLF x ("OLDNAME" ({1} CRLF y)).
    match responses.values(fragments):
        case [bytes() as name] | [bytes() as name, list()]:
            return name
    raise ProtocolError("a mailbox name is followed by what is none", fragments[-1], "CRLF")


def _quoted_name(text: bytes, *, strict: bool) -> bytes:
    try:
        parsed = responses.values([text])
    except ProtocolError:
        parsed = []
    match parsed:
        case [bytes() as name]:
            if text.endswith(b" "):
                quirks.tolerate(quirks.TRAILING_SPACE, text, strict=strict)
            return name
        # "x y" ("OLDNAME" ("z")): mbox-list-extended, RFC 9051 section 9
        case [bytes() as name, list()]:
            return name
    return _unquoted_name(text, strict=strict)


def _unquoted_name(text: bytes, *, strict: bool) -> bytes:
    """Take what is no astring as it is, without the quotes around it."""
    quirks.tolerate(quirks.UNQUOTED_NAME, text, strict=strict)
    # My Folder, "Hell"oh": Exchange writes names as they are, with quotes around them or without.
    name = text.rstrip(b" ")
    if len(name) > 1 and name.startswith(b'"') and name.endswith(b'"'):
        name = name[1:-1]
    if not name or name.startswith((b'"', b"(")):
        raise ProtocolError("a mailbox has no name", text, "a name")
    return name
