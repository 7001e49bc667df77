"""POP3's grammar: replies to values, RFC 1939, RFC 2449.

This file knows no order of commands: only how one line or one list is read.
"""

import re
from typing import Final

from netmail.errors import Pop3Error, ProtocolError
from netmail.results.pop3 import ScanListing, Stat, UniqueId

# "+OK" SP text / "-ERR" SP ["[" resp-code "]" SP] text    (RFC 1939 section 3, RFC 2449 section 8)
_STATUS: Final = re.compile(
    rb"(?P<status>\+OK|-ERR)(?:[ \t]+(?P<text>.*))?", re.IGNORECASE | re.DOTALL
)
_CODE: Final = re.compile(r"\[(?P<code>[^]\[]+)\][ \t]*")
# Some servers put several blanks between the fields, or text behind them.
_NUMBERS: Final = re.compile(rb"[ \t]*(?P<first>[0-9]{1,19})[ \t]+(?P<second>-?[0-9]{1,19})\b")
# banner-timestamp as msg-id: "<" ... "@" ... ">"; without "@" it is a remark (RFC 1939 section 7).
_TIMESTAMP: Final = re.compile(rb"<[^<>@\x00-\x20\x7f-\xff]+@[^<>@\x00-\x20\x7f-\xff]+>")
# unique-id: 1 to 70 characters from 0x21 to 0x7E; some servers send longer ones.
_UNIQUE: Final = re.compile(rb"[ \t]*(?P<uid>[0-9]{1,19})[ \t]+(?P<id>[\x21-\x7e]{1,512})[ \t]*")


def text(data: bytes) -> str:
    """Decode what is for people; no octet is lost."""
    return data.decode("utf-8", "surrogateescape")


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
    found = _STATUS.fullmatch(line)
    if not found:
        raise ProtocolError(f"no status line in reply to {_verb(command)}", line, "+OK or -ERR")
    shown = text(found["text"] or b"")
    if found["status"].upper() == b"+OK":
        return shown
    code = _CODE.match(shown)
    raise Pop3Error(_verb(command), shown or "refused", code["code"].upper() if code else "")


def _verb(command: bytes) -> str:
    return text(command.partition(b" ")[0]).upper()


def stat(words: str) -> Stat:
    """Read "nn mm": count and octets. A negative size is a server's overflow and means 0."""
    found = _NUMBERS.match(words.encode("utf-8", "surrogateescape"))
    if not found:
        raise ProtocolError(
            "STAT's reply has no two numbers", words.encode(errors="replace"), "n n"
        )
    return Stat(count=int(found["first"]), size=max(0, int(found["second"])))


def scan_listing(line: bytes) -> ScanListing:
    """Read a scan listing, "nn mm"."""
    found = _NUMBERS.match(line)
    if not found or int(found["first"]) == 0:
        raise ProtocolError("a line of LIST has no number and size", line, "number size")
    return ScanListing(uid=int(found["first"]), size=max(0, int(found["second"])))


def unique_id(line: bytes) -> UniqueId:
    """Read a unique-id listing, "nn id"."""
    found = _UNIQUE.fullmatch(line)
    if not found or int(found["uid"]) == 0:
        raise ProtocolError("a line of UIDL has no number and id", line, "number id")
    return UniqueId(uid=int(found["uid"]), id=found["id"].decode("ascii"))


def timestamp(greeting: bytes) -> bytes:
    """Find the timestamp for APOP in a greeting; empty where there is none.

    RFC 1939 section 7.
    """
    found = _TIMESTAMP.search(greeting)
    return found[0] if found else b""


def capabilities(lines: list[bytes]) -> dict[str, tuple[str, ...]]:
    """Read the lines of CAPA: capability to arguments, names in upper case.

    RFC 2449 section 5.
    """
    words = [text(line).split() for line in lines]
    return {name.upper(): tuple(arguments) for name, *arguments in filter(None, words)}
