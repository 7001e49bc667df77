"""The message inside a message part.

This file knows which parts hold messages and how far to go on opening them.
"""

from netmail.mime.mail import Mail
from netmail.mime.parser import parse_octets
from netmail.mime.parts.part import Part, Source

_MESSAGES = frozenset(["message/rfc822", "message/global", "message/news"])


def nested_mail(part: Part, source: Source) -> Mail | None:
    """Open the message that a part holds.

    Args:
        part: Any part.
        source: The message it is in.

    Returns:
        The message, sharing the outer one's octets where it stands there as it is; `None` if
        the part is no message, or more than `MessageLimits.nested_encoded` encodings deep.
    """
    if part.node.message and part.node.children:
        return Mail.of(source, part.node.children[0])
    if part.content_type not in _MESSAGES or part.node.opaque:
        return None
    if source.nested >= source.limits.nested_encoded:
        return None
    return parse_octets(part.decode(), source.limits, source.nested + 1)
