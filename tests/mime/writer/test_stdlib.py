"""Messages of the standard library, turned into an envelope and octets."""

from email import message_from_bytes, policy
from email.header import Header
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from netmail.envelope import Envelope
from netmail.errors import MessageError
from netmail.mime.outgoing import outgoing
from support.outgoing import sent, stored_octets


def standard(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in (
        {"From": "Ann <ann@example.org>", "To": "bob@example.org"} | headers
    ).items():
        made[name.replace("_", "-")] = value
    made.set_content("Grüße\n")
    return made


def read(octets: bytes) -> EmailMessage:
    return message_from_bytes(octets, policy=policy.default)


def test_standard_bcc():
    """Bcc of a standard message is in the envelope, and not in the octets."""
    envelope, octets = sent(standard(Cc="c@example.org", Bcc="Hid <hid@example.org>"))

    assert envelope == Envelope(
        "ann@example.org", ("bob@example.org", "c@example.org", "hid@example.org")
    )
    assert b"hid" not in octets.lower()


def test_standard_resent():
    """Resent- headers name sender and recipients; Resent-Bcc is hidden too."""
    message = standard(
        Resent_From="Eve <eve@example.org>",
        Resent_To="fay@example.org",
        Resent_Bcc="gil@example.org",
        Resent_Date="Fri, 20 Nov 2026 12:00:00 +0000",
        Bcc="old@example.org",
    )
    envelope, octets = sent(message)

    assert envelope == Envelope("eve@example.org", ("fay@example.org", "gil@example.org"))
    assert b"gil@" not in octets
    assert b"old@" not in octets


def test_standard_resent_twice():
    """Nothing tells which of two Resent- blocks counts."""
    message = standard(Resent_From="e@x", Resent_To="f@x", Resent_Date="a")
    message["Resent-Date"] = "b"

    with pytest.raises(MessageError, match="more than once"):
        sent(message)


def test_standard_sender():
    """Sender comes before From in the envelope."""
    assert sent(standard(Sender="sec@example.org"))[0].sender == "sec@example.org"


def test_standard_unicode():
    """Subject, name, text and file name of a standard message arrive, as 7-bit ASCII."""
    message = standard(Subject="Grüße " * 30)
    message.replace_header("From", '"Jürgen, M." <j@example.org>')
    message.add_alternative("<p>é</p>", subtype="html")
    message.add_attachment(bytes(range(256)), maintype="image", subtype="png", filename="ä" * 90)
    octets = sent(message)[1]
    seen = read(octets)

    assert octets.isascii()
    assert ("Grüße " * 30).strip() == seen["Subject"].strip()
    assert seen["From"] == '"Jürgen, M." <j@example.org>'
    assert seen.get_body(("plain",)).get_content() == "Grüße\r\n"
    assert next(seen.iter_attachments()).get_filename() == "ä" * 90
    assert bytes(range(256)) == next(seen.iter_attachments()).get_content()


def test_standard_old_policy():
    """Messages of the old classes work as well."""
    message = MIMEMultipart("alternative")
    message["From"] = "a@example.org"
    message["To"] = "=?utf-8?q?=C3=9C?= <b@example.org>,\n c@example.org"
    message["Subject"] = Header("Grüße", "utf-8")
    message.attach(MIMEText("é", "plain", "utf-8"))
    message.attach(MIMEText("<p>é", "html", "utf-8"))
    envelope, octets = sent(message)
    seen = read(octets)

    assert (
        envelope.recipients,
        seen["Subject"],
        seen.get_body(("plain",)).get_content(),
        seen.get_body(("html",)).get_content(),
    ) == (("b@example.org", "c@example.org"), "Grüße", "é", "<p>é")


def test_standard_read():
    """A message that was read goes out with its headers and bodies as they came."""
    raw = (
        b"Received: from a\r\n\tby b; Fri, 20 Nov 2026 12:00:00 +0000\r\n"
        b"From: Ann <ann@example.org>\r\nTo: b@example.org\r\nDate: x\r\nMessage-ID: <1@x>\r\n"
        b"Subject: =?utf-8?q?=C3=9C?=\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/signed; boundary="b b"; micalg=x\r\n\r\npre\r\n'
        b"--b b\r\nContent-Type: text/plain\r\n\r\nhi  \r\n\r\n"
        b"--b b\r\n\r\nsig\r\n--b b--\r\npost\r\n"
    )

    assert [sent(read(raw))[1], sent(message_from_bytes(raw))[1]] == [raw, raw]


def test_standard_nested():
    """A message in a message is written whole."""
    outer = standard()
    outer.add_attachment(standard(Subject="inner"))
    seen = read(sent(outer)[1])

    assert next(seen.iter_attachments()).get_content()["Subject"] == "inner"


def test_standard_nested_too_deep():
    """What is nested without end is refused, not a crash."""
    message = standard()
    for _ in range(150):
        outer = MIMEMultipart()
        outer["From"] = outer["To"] = "a@x"
        outer.attach(message)
        message = outer

    with pytest.raises(MessageError, match="nested"):
        stored_octets(message)


def test_standard_boundary():
    """A text of a standard message cannot close its multipart."""
    message = MIMEMultipart("mixed", boundary="foreseen")
    message["From"] = message["To"] = "a@example.org"
    message.attach(MIMEText("x\n--foreseen--\ny\n--foreseen\nContent-Type: text/html\n\nz"))
    seen = read(sent(message)[1])

    assert [part.get_content_type() for part in seen.walk()] == ["multipart/mixed", "text/plain"]


def test_standard_boundary_prefix():
    """An inner boundary that begins with the outer one does not end the outer part."""
    outer = MIMEMultipart("mixed", boundary="b")
    outer["From"] = outer["To"] = "a@example.org"
    inner = MIMEMultipart("alternative", boundary="b2")
    inner.attach(MIMEText("one"))
    outer.attach(inner)
    outer.attach(MIMEText("two"))

    assert b"--b\r\n" not in sent(outer)[1]


def test_standard_line_ends():
    """Bare LF and CR of payloads become CRLF."""
    message = MIMEText("a\rb\nc\r\nd")
    message["From"] = message["To"] = "a@example.org"

    assert stored_octets(message).endswith(b"\r\n\r\na\r\nb\r\nc\r\nd")


def test_standard_repeatable():
    """What was brought into shape once is written twice alike, and its size is right."""
    message = standard()
    message.add_alternative("<p>", subtype="html")
    ready = outgoing(message)

    assert [ready.as_bytes(), ready.size()] == [ready.as_bytes(), len(ready.as_bytes())]


def test_standard_is_not_changed():
    """The caller's message stays as it was."""
    message = standard(Bcc="x@example.org")
    message.add_alternative("<p>", subtype="html")
    before = message.items()
    sent(message)

    assert message.items() == before


def test_standard_utf8():
    """A local part outside ASCII says what it needs, and is refused without."""
    ready = outgoing(standard(Cc="Ü <jürgen@bücher.example>"))

    assert ready.needs_smtputf8 is True
    assert "<jürgen@xn--bcher-kva.example>".encode() in ready.as_bytes(utf8=True)
    with pytest.raises(MessageError, match="SMTPUTF8"):
        ready.as_bytes()


def test_standard_eight_bit():
    """With 8BITMIME an 8-bit payload is not encoded again."""
    message = EmailMessage()
    message["From"] = message["To"] = "a@example.org"
    message.set_content("é\n", cte="8bit")
    ready = outgoing(message)

    assert "\r\n\r\né\r\n".encode() in ready.as_bytes(eight_bit=True)
    assert b"quoted-printable" in ready.as_bytes() or b"base64" in ready.as_bytes()


def test_standard_without_author():
    """A standard message without author, or with an address that is none, is refused."""
    message = EmailMessage()
    message["To"] = "a@x"

    with pytest.raises(MessageError, match="author"):
        outgoing(message)
    message["From"] = "nobody"
    with pytest.raises(MessageError):
        outgoing(message)


def test_standard_group():
    """A group's members receive, and its name is written."""
    envelope, octets = sent(standard(Cc="Team: c@example.org, d@example.org;"))

    assert envelope.recipients[1:] == ("c@example.org", "d@example.org")
    assert b"Cc: Team: c@example.org, d@example.org;\r\n" in octets


def test_standard_report():
    """Every group of fields in a delivery report is written."""
    raw = (
        b"From: a@x\r\nTo: b@x\r\nDate: d\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; b@x\r\nAction: failed\r\n\r\n"
        b"\r\n--b--\r\n"
    )
    ready = outgoing(read(raw))

    assert (ready.as_bytes(), ready.size()) == (raw, len(raw))


def test_standard_eight_bit_parameters():
    """A Content-Type with octets over 127 keeps its meaning."""
    raw = (
        b"From: a@x\r\nTo: b@x\r\nContent-Type: multipart/mixed; boundary=b; x=\xc3\xbc\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; name=\xc3\xbc.txt\r\n\r\nhi\r\n--b--\r\n"
    )
    seen = [read(sent(message_from_bytes(raw))[1]), read(sent(read(raw))[1])]

    assert [part.get_filename() for one in seen for part in one.iter_parts()] == ["ü.txt", "ü.txt"]


def test_standard_long_header():
    """A header that was read with too long a line is folded again."""
    raw = b"From: a@x\nTo: b@x\nX-A: " + b"word " * 400 + b"\n\nhi"

    assert max(map(len, sent(message_from_bytes(raw))[1].split(b"\r\n"))) <= 78


def test_standard_binary():
    """A payload that is no text is encoded again where it fits no line."""
    message = MIMEText("", "plain")
    message["From"] = message["To"] = "a@x"
    message.replace_header("Content-Type", "application/octet-stream")
    message.replace_header("Content-Transfer-Encoding", "8bit")
    message.set_payload(b"\x00\xff\n".decode("ascii", "surrogateescape"))

    assert read(sent(message)[1]).get_content() == b"\x00\xff\n"


def test_standard_nested_size():
    """The size of a message in a message is right."""
    outer = standard()
    outer.add_attachment(standard(Subject="inner"))
    ready = outgoing(outer)

    assert ready.size() == len(ready.as_bytes())
