"""Calendar objects (iCalendar) as parts of a message: invitations, replies, cancellations.

This file must not know the message around them, nor more of iCalendar than METHOD.
"""

import re

from netmail.errors import MessageError, UsageError
from netmail.mime.writer.content import Octets
from netmail.mime.writer.draft import AttachedFile

# method   = "METHOD" metparam ":" metvalue CRLF              RFC 5545 section 3.7.2
# metvalue = iana-token;  iana-token = 1*(ALPHA / DIGIT / "-")
_METHOD = re.compile(
    r"^METHOD(?:;[^:\n]*)?:[ \t]*([A-Za-z0-9-]+)[ \t]*$", re.MULTILINE | re.IGNORECASE
)
# icalobject = "BEGIN" ":" "VCALENDAR" CRLF icalbody "END" ":" "VCALENDAR" CRLF
#                                                             RFC 5545 section 3.4
_BEGIN = re.compile(r"BEGIN:VCALENDAR[ \t]*\n", re.IGNORECASE)
# iana-token = 1*(ALPHA / DIGIT / "-")                        RFC 5545 section 3.1
_TOKEN = re.compile(r"[A-Za-z0-9-]{1,40}")


def calendar_files(
    ics: str | bytes, method: str | None, name: str
) -> tuple[AttachedFile, AttachedFile]:
    """Make a calendar object's two parts: one to show instead of the texts, and a file.

    Programs act on the part only if its `method` and the object's METHOD are the same.

    Args:
        ics: The object, UTF-8, any line ends.
        method: REQUEST, REPLY, CANCEL ...; `None` for the object's own. If the object has
            none, it is written into it.
        name: The file's name.

    Raises:
        MessageError: If this is no calendar object, or the methods are missing or differ.

    RFC 5545 section 3.7.2, RFC 6047 section 2.4.
    """
    if not isinstance(ics, str | bytes):
        raise UsageError(f"calendar: {type(ics).__name__} is neither str nor bytes")
    try:
        text = ics.decode() if isinstance(ics, bytes) else ics
        text.encode()
    except UnicodeError as error:
        raise MessageError(f"calendar: not UTF-8: {error}") from error
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").lstrip()
    begin = _BEGIN.match(text)
    if begin is None:
        raise MessageError("calendar: the object does not begin with BEGIN:VCALENDAR")
    inside = _METHOD.search(text)
    if inside is None:
        if method is None:
            raise MessageError("calendar: the object has no METHOD; give method='REQUEST'")
        text = f"{begin[0]}METHOD:{_checked(method)}\n{text[begin.end() :]}"
    elif method is not None and method.upper() != inside[1].upper():
        raise MessageError(f"calendar: METHOD is {inside[1]}, not {method}")
    method = _checked(inside[1] if inside else method or "")
    octets = Octets(text.replace("\n", "\r\n").encode())
    parameters = (("charset", "utf-8"), ("method", method))
    shown = AttachedFile(octets, "", "text/calendar", parameters, no_disposition=True)
    return shown, AttachedFile(octets, name, "application/ics")


def _checked(method: str) -> str:
    if not _TOKEN.fullmatch(method):
        raise MessageError(f"calendar: {method[:40]!r} is no method")
    return method.upper()
