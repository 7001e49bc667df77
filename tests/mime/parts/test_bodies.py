"""Which parts are the text, its other forms, and attachments."""

import pytest

from netmail import parse
from support.messages import FILE, HTML, IMAGE, PLAIN, multi, part


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (PLAIN, ("plain", "", [])),
        (HTML, ("", "html", [])),
        (FILE, ("", "", ["file"])),
        (IMAGE, ("", "", ["image"])),
        (multi("alternative", PLAIN, HTML), ("plain", "html", [])),
        (multi("mixed", PLAIN, FILE), ("plain", "", ["file"])),
        (multi("mixed", PLAIN, IMAGE, PLAIN), ("plain\nplain", "", ["image"])),
        (multi("mixed", PLAIN, HTML), ("plain", "html", [])),
        (multi("related", HTML, IMAGE), ("", "html", ["image"])),
        (multi("related", HTML, PLAIN), ("", "html", ["plain"])),
        (
            multi("alternative", PLAIN, multi("related", HTML, IMAGE, boundary="c")),
            ("plain", "html", ["image"]),
        ),
        (
            multi("mixed", multi("alternative", PLAIN, HTML, boundary="c"), FILE),
            ("plain", "html", ["file"]),
        ),
        (
            multi("alternative", PLAIN, multi("mixed", HTML, FILE, HTML, boundary="c")),
            ("plain", "html\nhtml", ["file"]),
        ),
        (
            multi("alternative", multi("mixed", PLAIN, IMAGE, PLAIN, boundary="c"), HTML),
            ("plain\nplain", "html", ["image"]),
        ),
        (multi("alternative", HTML), ("", "html", [])),
        (multi("alternative", PLAIN, FILE), ("plain", "", ["file"])),
        (
            multi("mixed", part("text/plain", "a", "Content-Disposition: attachment"), PLAIN),
            ("plain", "", ["a"]),
        ),
        (multi("mixed", FILE, PLAIN), ("plain", "", ["file"])),
        (multi("x-unknown", PLAIN, FILE), ("plain", "", ["file"])),
        (multi("mixed"), ("", "", [])),
    ],
)
def test_flat_view(raw, expected):
    """RFC 8621 section 4.1.4; images shown in the text are attachments too."""
    assert views(raw) == expected


def test_invitation_is_a_form_of_the_text():
    """A calendar in an alternative is in `body`, and an attachment."""
    mail = parse(multi("alternative", PLAIN, part("text/calendar; method=REQUEST", "BEGIN")))

    assert mail.body == {"text/plain": "plain", "text/calendar": "BEGIN"}
    assert [each.content_type for each in mail.attachments] == ["text/calendar"]


def test_inline_attachments():
    """Those with a Content-ID, and those that say so."""
    said = part("image/gif", "g", "Content-Disposition: inline")
    mail = parse(multi("mixed", PLAIN, IMAGE, FILE, said))

    assert [each.content_type for each in mail.inline] == ["image/png", "image/gif"]


def views(raw):
    mail = parse(raw)
    return mail.text, mail.html, [each.text for each in mail.attachments]
