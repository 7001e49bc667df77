"""POP3's grammar: lines of replies to values, RFC 1939 and RFC 2449.

This file must not know the order of commands, nor how a body ends.
"""

import re
from typing import Final

from netmail.errors import Pop3Error, ProtocolError, UsageError
from netmail.results.pop3 import Language, ScanListing, Stat, UniqueId
from netmail.results.pop3_capabilities import Pop3Capabilities
from netmail.wire.server_text import decode, encode

# single-line = status [SP text] CRLF; status = "+OK" / "-ERR"             RFC 2449 section 3
# RFC 1939 section 3 has them in upper case; lower case and tabs are accepted too.
_STATUS: Final = re.compile(
    rb"(?P<status>\+OK|-ERR)(?:[ \t]+(?P<text>.*))?", re.IGNORECASE | re.DOTALL
)
# text = *schar / resp-code *CHAR; resp-code = "[" resp-level *("/" resp-level) "]"
# resp-level = 1*rchar, printable characters other than "/" and "]"       RFC 2449 section 3
_CODE: Final = re.compile(r"\[(?P<code>[^]\[]+)\][ \t]*")
# drop listing: nn SP mm; scan listing: message-number SP size           RFC 1939 section 5
# "This memo makes no requirement on what follows the maildrop size", so text after it is ignored.
# Some servers send several spaces, and a negative size for a maildrop of over 2 GiB.
_NUMBERS: Final = re.compile(rb"[ \t]*(?P<first>[0-9]{1,19})[ \t]+(?P<second>-?[0-9]{1,19})\b")
# timestamp = "<" *VCHAR ">"; "MUST conform to RFC-822 msg-id"            RFC 2449 section 3
# Some greetings have a remark in angle brackets; only a timestamp has an "@".
_TIMESTAMP: Final = re.compile(rb"<[^<>@\x00-\x20\x7f-\xff]+@[^<>@\x00-\x20\x7f-\xff]+>")
# unique-id: 1*70 %x21-7E                                                RFC 1939 section 7
# Some servers send longer ids.
_ID: Final = re.compile(r"[\x21-\x7e]{1,512}")
# unique-id listing: message-number SP unique-id                         RFC 1939 section 7
# Some servers send space after it.
_UNIQUE_ID: Final = re.compile(rb"[ \t]*(?P<uid>[0-9]{1,19})[ \t]+(?P<id>[\x21-\x7e]{1,512})[ \t]*")
# language listing: language-tag [SP description]                        RFC 6856 section 3.2
# Language-Tag: subtags of letters and digits, separated by hyphens         RFC 5646 section 2.1
_LANGUAGE: Final = re.compile(
    rb"(?P<tag>[A-Za-z0-9][A-Za-z0-9-]{0,254})(?:[ \t]+(?P<description>.*))?", re.DOTALL
)
# language-range = (1*8ALPHA *("-" 1*8alphanum)) / "*"                   RFC 4647 section 2.1
_RANGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,32}|\*")


def status(line: bytes, command: bytes) -> str:
    """Read a status line; return the text after +OK.

    Args:
        line: The line without CRLF.
        command: The line that it replies to; errors name its first word.

    Raises:
        Pop3Error: If it is -ERR.
        ProtocolError: If it is neither.

    RFC 1939 section 3.
    """
    # What nearly every reply begins with, twice as fast as the pattern.
    if line[:4] == b"+OK ":
        return decode(line[4:]).lstrip(" \t")
    found = _STATUS.fullmatch(line)
    if not found:
        raise ProtocolError(f"no status line in reply to {_verb(command)}", line, "+OK or -ERR")
    text = decode(found["text"] or b"")
    if found["status"].upper() == b"+OK":
        return text
    code = _CODE.match(text)
    raise Pop3Error(_verb(command), text or "refused", code["code"].upper() if code else "")


def _verb(command: bytes) -> str:
    return decode(command.partition(b" ")[0]).upper()


def stat(text: str) -> Stat:
    """Read a drop listing, "nn mm"; a negative size counts as 0.

    Raises:
        ProtocolError: If it does not begin with two numbers.

    RFC 1939 section 5.
    """
    line = encode(text)
    found = _NUMBERS.match(line)
    if not found:
        raise ProtocolError("the reply to STAT has no two numbers", line, "n n")
    return Stat(count=int(found["first"]), size=max(0, int(found["second"])))


def scan_listing(line: bytes) -> ScanListing:
    """Read a scan listing, "nn mm"; a negative size counts as 0.

    Raises:
        ProtocolError: If it does not begin with a message number and a size.

    RFC 1939 section 5.
    """
    found = _NUMBERS.match(line)
    # RFC 1939 section 4: messages are numbered from 1.
    if not found or int(found["first"]) == 0:
        raise ProtocolError("a line of LIST has no number and size", line, "number size")
    return ScanListing(uid=int(found["first"]), size=max(0, int(found["second"])))


def unique_id(line: bytes) -> UniqueId:
    """Read a unique-id listing, "nn id".

    Raises:
        ProtocolError: If it is not a message number and an id.

    RFC 1939 section 7.
    """
    found = _UNIQUE_ID.fullmatch(line)
    if not found or int(found["uid"]) == 0:
        raise ProtocolError("a line of UIDL has no number and id", line, "number id")
    return UniqueId(uid=int(found["uid"]), id=found["id"].decode("ascii"))


def language(line: bytes) -> Language:
    """Read a language listing, "en English"; the text of a +OK to LANG has the same form.

    Raises:
        ProtocolError: If it does not begin with a language tag.

    RFC 6856 section 3.2.
    """
    found = _LANGUAGE.fullmatch(line)
    if not found:
        raise ProtocolError("a line of LANG has no language tag", line, "tag description")
    description = decode(found["description"] or b"").rstrip(" \t")
    return Language(tag=found["tag"].decode("ascii"), description=description)


def language_range(tag: object) -> bytes:
    """Write the argument of LANG.

    Raises:
        UsageError: If it is no language range.

    RFC 4647 section 2.1.
    """
    if not isinstance(tag, str) or not _RANGE.fullmatch(tag):
        raise UsageError('a language is a tag such as "de" or "pt-BR", or "*"')
    return tag.encode()


def check_unique_id(text: str) -> None:
    """Check a unique-id that a caller gives.

    Raises:
        UsageError: If it is empty, too long, or has other characters than printable ASCII.

    RFC 1939 section 7.
    """
    # No command holds it, but it is compared with what UIDL lists: no other text can be found.
    if not _ID.fullmatch(text):
        raise UsageError("a message number is an int, and a unique-id a str of 1 to 512 "
                         "printable ASCII characters without space")  # fmt: skip


def timestamp(greeting: bytes) -> bytes:
    """Find the timestamp for APOP in a greeting; empty if there is none.

    RFC 1939 section 7.
    """
    found = _TIMESTAMP.search(greeting)
    return found[0] if found else b""


def capabilities(lines: list[bytes]) -> Pop3Capabilities:
    """Read the lines of CAPA: capability in upper case to arguments.

    RFC 2449 section 5.
    """
    tokens = [decode(line).split() for line in lines]
    found = {name.upper(): tuple(arguments) for name, *arguments in filter(None, tokens)}
    return Pop3Capabilities(found)
