"""The content of messages, as other versions and machines read it."""

import sqlite3
from datetime import UTC, datetime

import pytest

import netmail
from netmail import DeliveryOptions, Envelope, LargeContent, Message, RecipientOptions
from netmail.delivery.outbox import Outbox, content
from netmail.testing import MailServer

OPTIONS = DeliveryOptions(
    ret="HDRS",
    envid="17",
    hold_until=datetime(2030, 1, 2, 3, 4, tzinfo=UTC),
    each_recipient=RecipientOptions(notify=("FAILURE", "DELAY")),
    recipients={
        "b@x.test": RecipientOptions(orcpt="rfc822;ä@x.test"),
        "c@x.test": RecipientOptions(rrvs=datetime(2020, 1, 1, tzinfo=UTC), rrvs_action="R"),
    },
)


@pytest.fixture
def outbox(tmp_path):
    """An outbox in a file of its own."""
    with Outbox(tmp_path / "outbox.sqlite") as opened:
        yield opened


@pytest.mark.parametrize(
    "octets",
    [b"From: a@x.test\r\n\r\n\xff\x00\r\n", b"From: a@x.test\n\nunix\n", b"", b"x"],
    ids=["binary", "LF", "empty", "one octet"],
)
def test_octets(outbox, octets):
    """They are kept as they are, whatever they are."""
    envelope = Envelope("a@x.test", ("b@x.test", "ü@x.test"), octets)

    assert outbox.envelope(outbox.add(envelope)) == envelope


def test_options(outbox):
    """What is asked of the servers is kept, without those of recipients that are left out."""
    envelope = Envelope("", ("b@x.test", "c@x.test"), b"Subject: x\r\n\r\n", OPTIONS)
    number = outbox.add(envelope)

    assert outbox.envelope(number) == envelope


def test_large(outbox, tmp_path):
    """A large attached file is written into the outbox, piece by piece, and sent from there."""
    file = tmp_path / "film.bin"
    file.write_bytes(bytes(range(256)) * 4096 * 3)
    message = Message("a@x.test", "user@example.test", "film", plain="Look.").attachment(file)
    assert isinstance(netmail.envelope_of(message).content, LargeContent)
    number = outbox.add(message)
    file.unlink()
    with MailServer() as server:
        report = outbox.work(netmail.Transport(server.smtp_url))
        (octets,) = server.messages()

    assert report.sent == 1
    assert netmail.parse(octets).attachments[0].content == bytes(range(256)) * 4096 * 3
    assert outbox.get(number).size == len(octets)


def test_other_format(outbox):
    """A format of a later version is refused with its message, and stays in the file."""
    number = outbox.add(Message("a@x.test", "user@example.test", plain="x"))
    with sqlite3.connect(outbox.path) as connection:
        connection.execute("UPDATE outbox_content SET format = ?", (content.FORMAT + 1,))
    connection.close()
    with MailServer() as server:
        report = outbox.work(netmail.Transport(server.smtp_url))

    assert report.refused == 1
    assert "format 2" in outbox.get(number).reason
