"""The keywords of a message's constructor, and other libraries' names."""

from datetime import UTC, datetime

import pytest

from netmail.errors import UsageError
from netmail.mime.parser import parse
from netmail.mime.writer.message import Message
from support.messages import read, simple


def test_nearest_field():
    """The error for an unknown keyword names the nearest one."""
    with pytest.raises(UsageError, match="did you mean 'organization'"):
        Message(organisation="x")


@pytest.mark.parametrize("name", ["copy", "as_bytes", "retry", "_draft"])
def test_methods_are_no_fields(name):
    """Not every method is a keyword."""
    with pytest.raises(UsageError):
        Message(**{name: "x"})


MARROW = {
    "From",
    "Reply-To",
    "Organization",
    "X-Priority",
    "Importance",
    "Disposition-Notification-To",
    "X-A",
    "Date",
}


def test_marrow():
    """Marrow Mailer's constructor works, names and all."""
    built = Message(
        author="Ann <ann@example.org>",
        to=["bob@example.org"],
        subject="Testing",
        plain="plain",
        rich="<p>rich",
        cc="cy@example.org",
        reply="rep@example.org",
        organization="Org",
        priority=1,
        notify="ann@example.org",
        headers={"X-A": "1"},
        embedded=[("a.png", b"x")],
        retries=5,
        date=datetime(2026, 11, 20, tzinfo=UTC),
    )
    built.attach("b.bin", b"y", "application", "x-thing")
    seen = read(built)

    assert {
        **{name: value for name, value in seen.items() if name in MARROW},
        "types": [p.get_content_type() for p in seen.walk() if not p.is_multipart()],
        "retries": built.retries,
    } == {
        "From": "Ann <ann@example.org>",
        "Reply-To": "rep@example.org",
        "Organization": "Org",
        "X-Priority": "1",
        "Importance": "high",
        "Disposition-Notification-To": "ann@example.org",
        "X-A": "1",
        "Date": "Fri, 20 Nov 2026 00:00:00 +0000",
        "types": ["text/plain", "text/html", "image/png", "application/x-thing"],
        "retries": 5,
    }


def test_web2py():
    """web2py's `message`, `attachments` and `headers` work."""
    built = simple(message=("text", "<html>"), attachments=[(b"x", "x.bin"), (b"y", "y.bin")])
    built.header({"subject": "replaced", "X-A": "1"}, replace=True).header("X-A: 2", replace=True)
    mail = parse(built.as_bytes())

    assert (
        mail.text,
        mail.html,
        [one.filename for one in mail.attachments],
        mail.subject,
        mail.headers.get_all("X-A"),
    ) == ("text", "<html>", ["x.bin", "y.bin"], "replaced", ["2"])
