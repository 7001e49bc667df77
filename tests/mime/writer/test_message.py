"""`Message` as Blade documents it, judged by the standard library's reader."""

import pytest

from netmail.address import Address
from netmail.errors import MessageError, UsageError
from netmail.mime.writer.message import Message, message
from support.messages import greeting, read


def test_chain():
    """Every setter returns the message."""
    built = message()

    assert built is (
        built.from_("a@x").to("b@x").cc("c@x").bcc("d@x").reply_to("e@x").subject("s")
        .header("X-A: 1").text("t").html("<p>").attachment(b"x", "x.bin")
    )  # fmt: skip


def test_blades_from():
    """Blade's `from` is reachable in spite of Python's grammar."""
    built = message()
    getattr(built, "from")("a@example.org")

    assert built.envelope.sender == "a@example.org"


def test_accumulate():
    """Several calls of to, cc, bcc, header and attachment add."""
    built = (
        greeting().to("c@example.org").cc("d@example.org").cc(["e@example.org", "f@example.org"])
    )
    built.header("X-A: 1").header({"X-A": "2"}).header(["X-B: 3", "X-C:4"])
    built.attachment(b"1", "1.bin").attachment(b"2", "2.bin")
    seen = read(built)

    assert (
        seen["To"],
        seen["Cc"],
        seen.get_all("X-A"),
        seen["X-B"],
        seen["X-C"],
        [part.get_filename() for part in seen.iter_attachments()],
    ) == (
        "bob@example.org, c@example.org",
        "d@example.org, e@example.org, f@example.org",
        ["1", "2"],
        "3",
        "4",
        ["1.bin", "2.bin"],
    )


def test_set():
    """Several calls of from, subject, text and html replace."""
    built = greeting().from_("z@example.org").subject("New").text("new")
    seen = read(built)

    assert (seen["From"], seen["Subject"], seen.get_content()) == ("z@example.org", "New", "new")


def test_unicode_author():
    """A display name outside ASCII is encoded, its address is not."""
    octets = greeting().from_("Ünï <u@x>").as_bytes()

    assert b"From: =?utf-8?b?w5xuw68=?= <u@x>\r\n" in octets


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda: Message().text("x").as_bytes(), id="no author"),
        pytest.param(lambda: Message().to("nobody"), id="no address"),
        pytest.param(lambda: Message().to(""), id="empty"),
        pytest.param(lambda: Message().attachment("/nonexistent/file"), id="no file"),
        pytest.param(lambda: Message().header("Content-Type: text/html"), id="own header"),
    ],
)
def test_message_errors(wrong):
    """What cannot be built is a MessageError."""
    with pytest.raises(MessageError):
        wrong()


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda: Message().to(5), id="number"),
        pytest.param(lambda: Message().to(b"a@x"), id="octets"),
        pytest.param(lambda: Message().to([5]), id="number in list"),
        pytest.param(lambda: Message().subject(None), id="no subject"),
        pytest.param(lambda: Message().text(b"x"), id="text of octets"),
        pytest.param(lambda: Message().attachment(b"x"), id="octets without name"),
        pytest.param(lambda: Message().attachment(5, "x"), id="attached number"),
        pytest.param(lambda: Message().header("X-A 1"), id="no colon"),
        pytest.param(lambda: Message().header(5), id="header number"),
        pytest.param(lambda: Message(subjekt="x"), id="unknown field"),
    ],
)
def test_usage_errors(wrong):
    """A value of a wrong type is a UsageError."""
    with pytest.raises(UsageError):
        wrong()


def test_address_values():
    """Addresses may be values, pairs and lists of both."""
    built = greeting().to([Address("Cä", "c@x"), ("D, E", "d@x"), "f@x, G <g@x>"])

    assert built.recipients == ("bob@example.org", "c@x", "d@x", "f@x", "g@x")
