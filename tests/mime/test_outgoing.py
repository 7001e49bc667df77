"""Messages of several kinds, turned into an envelope and octets."""

from email.message import EmailMessage

import pytest

from netmail.delivery_options import DeliveryOptions
from netmail.envelope import Envelope, LargeContent
from netmail.errors import MessageError, UsageError
from netmail.mime.mail import Mail
from netmail.mime.outgoing import envelope_of, outgoing
from netmail.mime.parser import parse
from netmail.mime.writer.message import Message
from support.outgoing import sent


def test_message():
    """A Message gives its own envelope and octets."""
    built = Message("a@example.org", "b@example.org", "s", text="t").bcc("c@example.org")

    assert sent(built) == (
        Envelope("a@example.org", ("b@example.org", "c@example.org")),
        built.as_bytes(),
    )


def test_null_reverse_path():
    """return_path("") sends with the null reverse-path."""
    built = Message("a@example.org", "b@example.org").return_path("")

    assert sent(built)[0] == Envelope("", ("b@example.org",))


def test_raw():
    """An envelope with content goes as it is, its addresses checked."""
    raw = b"From: a@x\n\nh\xc3\xa9\n"
    ready = outgoing(Envelope("a@x", ("b@x", "b@x"), raw))

    assert ready.envelope == Envelope("a@x", ("b@x",))
    assert ready.as_bytes() == raw
    assert ready.needs_eight_bit is True
    assert ready.needs_smtputf8 is False


@pytest.mark.parametrize(
    "address",
    ["a@x>\r\nRCPT TO:<evil@y", "a@x\r\nDATA", "a b@x", "<a@x>", "a@x SIZE=1", "a@x> NOTIFY=NEVER"],
)
def test_raw_addresses(address):
    """An envelope cannot carry commands or parameters in an address."""
    with pytest.raises(MessageError):
        outgoing(Envelope("a@x", (address,), b"x"))
    with pytest.raises(MessageError):
        outgoing(Envelope(address, ("a@x",), b"x"))


def test_raw_needs_content():
    """An envelope without content cannot be sent."""
    with pytest.raises(MessageError):
        outgoing(Envelope("a@x", ("b@x",)))


def test_wrong_types():
    """Anything else is refused."""
    with pytest.raises(UsageError):
        outgoing("From: a@x\r\n\r\n")
    with pytest.raises(UsageError):
        outgoing(Envelope("a@x", "b@x", b""))


def test_raw_is_never_changed():
    """Raw octets are written alike for every transport."""
    ready = outgoing(Envelope("ü@x", ("b@x",), b"From: a@x\r\n\r\nx"))

    assert list(ready.chunks(eight_bit=True)) == [b"From: a@x\r\n\r\nx"]
    assert ready.size(utf8=True) == 14
    assert ready.needs_smtputf8 is True


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: no author\r\n\r\n",
        b"From: a@x\r\nResent-From: b@x\r\n\r\n",
        b"From: nobody\r\n\r\n",
        b"From: a@x\r\nTo: b@@x\r\n\r\n",
    ],
)
def test_mail_that_cannot_go(raw):
    """A mail without a known sender or recipients is refused."""
    with pytest.raises(MessageError):
        outgoing(parse(raw))


def test_mail_of_parts():
    """A mail that was never octets cannot be sent on, nor attached."""
    mail = Mail({"From": "a@x"}, {"text/plain": "x"}, [])

    with pytest.raises(MessageError):
        outgoing(mail)
    with pytest.raises(UsageError):
        Message("a@x").attachment(mail)


def test_no_eight_bit_needed():
    """What netmail writes can always be written in 7 bits."""
    standard = EmailMessage()
    standard["From"] = "a@x"
    standard.set_content("é")

    assert not outgoing(Message("a@x", "b@x", text="é")).needs_eight_bit
    assert not outgoing(standard).needs_eight_bit


def test_bcc_that_cannot_be_cut():
    """A Bcc that cannot be cut out is not sent."""
    with pytest.raises(MessageError, match="bcc"):
        outgoing(parse(b"From: a@x\rBcc: b@x\r\rbody\r"))


def test_envelope_of_a_message():
    """The envelope has the octets that would be sent now, and no later change."""
    built = Message("a@example.org", "b@example.org", "s", text="t").bcc("hidden@example.org")
    octets = built.as_bytes()
    envelope = envelope_of(built)
    built.subject("later")

    assert (envelope.sender, envelope.recipients) == (
        "a@example.org",
        ("b@example.org", "hidden@example.org"),
    )
    assert bytes(envelope.content) == octets + b"\r\n"
    assert b"hidden@example.org" not in octets


def test_envelope_of_an_envelope():
    """Its octets are not changed, its options are kept, and its addresses are checked."""
    options = DeliveryOptions(envid="1")
    envelope = Envelope("a@x", ("b@x", "b@x"), b"From: a@x\n\nh\xc3\xa9\n", options)

    assert envelope_of(envelope) == Envelope("a@x", ("b@x",), envelope.content, options)
    with pytest.raises(MessageError, match="recipient"):
        envelope_of(Envelope("a@x", ("b\r\n@x",), b"x"))


def test_envelope_of_a_large_message(tmp_path):
    """Attached files are not read into memory."""
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(3 * 1024 * 1024))
    built = Message("a@example.org", "b@example.org", "s").attach(str(file))

    content = envelope_of(built).content

    assert isinstance(content, LargeContent)
    assert len(content) > 4 * 1024 * 1024


@pytest.mark.parametrize(
    "message",
    [Message("a@example.org", subject="s"), Envelope("a@x", ("b@x",)), Envelope("a@x", (), b"x")],
)
def test_envelope_of_what_cannot_be_sent(message):
    """No recipient, or no content."""
    with pytest.raises(MessageError):
        envelope_of(message)
