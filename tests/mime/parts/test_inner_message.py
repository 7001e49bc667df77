"""Messages that were found in the content of a part."""

from netmail import parse
from netmail.mime.parts.bounce_texts import BOUNCE_TEXTS


def test_part_of_its_own():
    """The message has its exact octets, and a part that contains it."""
    mail = parse(BOUNCE_TEXTS[0].sample)
    part = mail.report.original

    assert part.content_type == "message/rfc822"
    assert part.message.raw == mail.raw[-len(part.message.raw) :]
    assert part.message.subject == "Lunch"
