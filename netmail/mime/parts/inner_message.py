"""A message that was found in the content of a part, as a part of its own.

This file must not know where it was found.
"""

from netmail.mime.parts.part import Part, PartSource
from netmail.mime.parts.scanner import Scanner

_HEAD = b"Content-Type: message/rfc822\r\n\r\n"


def message_part(octets: bytes, outer: PartSource) -> Part:
    """Return a part whose content is a message.

    Args:
        octets: The message.
        outer: What the parts of the message share in which it was found.

    RFC 2046 section 5.2.1.
    """
    data = _HEAD + octets
    scanner = Scanner(data, outer.limits)
    nested = outer.nested + 1
    source = PartSource(data, data, outer.limits, scanner.finish, outer.open_nested, nested=nested)
    return source.part(scanner.root)
