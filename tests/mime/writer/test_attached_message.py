"""Messages attached to a message (RFC 2046 section 5.2.1)."""

from email.message import EmailMessage

import pytest

from netmail.errors import MessageError, UsageError
from netmail.mime.parser import parse
from support.messages import read, simple
from support.timing import cpu_limit


def test_nested_message():
    """A message attached to a message is written as it is at that time, without its Bcc."""
    inner = simple(text="inner").bcc("hidden@example.org")
    outer = simple(text="outer").attachment(inner)
    inner.subject("changed later")
    outer.attachment(outer)
    mail = parse(outer.as_bytes())

    assert [
        b"inner" in mail.attachments[0].content,
        b"hidden" in mail.raw,
        b"changed later" in mail.raw,
        b"outer" in mail.attachments[1].content,
    ] == [True, False, False, True]


def test_nested_size():
    """The size of a message with a message in it is right."""
    outer = simple().attachment(simple(html="é").attachment(b"x" * 9999, "x.bin"))

    assert outer.size() == len(outer.as_bytes())


def test_nested_mail_with_lf():
    """A mail with LF line ends is attached with CRLF, in 7 bits."""
    inner = parse(b"From: a@x\nSubject: s\n\nbody\n")
    part = read(simple().attachment(inner)).get_payload()[0]

    assert (part["Content-Transfer-Encoding"], part.get_content()["Subject"]) == ("7bit", "s")


def test_standard_message_attached():
    """A standard library message can be attached."""
    inner = EmailMessage()
    inner["From"] = "a@x"
    inner["Subject"] = "Grüße"
    inner.set_content("é")
    mail = parse(simple().attachment(inner).as_bytes())

    assert parse(mail.attachments[0].content).subject == "Grüße"


def test_standard_draft_attached():
    """A standard library message without author can be attached, and nothing is added to it."""
    inner = EmailMessage()
    inner.set_content("draft")
    mail = parse(simple().attachment(inner).as_bytes())

    assert parse(mail.attachments[0].content).headers.keys() == [
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ]


def test_nested_deep():
    """Messages in messages take time in proportion to their size, and have a limit."""
    built = simple(html="<p>")
    for _ in range(50):
        built = simple(html="<p>").attachment(built)
    with cpu_limit(3):
        octets = built.as_bytes()

    assert built.size() == len(octets)
    with pytest.raises(MessageError, match="levels"):
        simple().attachment(built)


def test_raw_octets_are_no_mail():
    """An object with `raw` that is no mail is nothing that can be attached."""

    class Other:
        raw = b"x"

    with pytest.raises(UsageError):
        simple().attachment(Other())
