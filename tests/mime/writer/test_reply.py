"""Replies to a mail that was read, and forwarding it."""

import pytest

from netmail.errors import MessageError
from netmail.mime.parser import parse
from netmail.mime.writer.reply import forward, reply
from support.messages import read, simple

ORIGINAL = (
    b"From: Eve <eve@example.org>\r\nTo: ann@example.org, Fay <fay@example.org>\r\n"
    b"Cc: broken@, gil@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe=0ABcc:_x?=\r\n"
    b"Date: Fri, 20 Nov 2026 12:00:00 +0000\r\nMessage-ID: <3@x>\r\n"
    b"References: <1@x> nonsense\r\n <2@x>\r\n\r\nHello\r\n> quoted\r\n"
)


def test_reply():
    """A reply goes to the author, in the thread, with a quotation."""
    answer = parse(reply(parse(ORIGINAL), "ann@example.org", text="Thanks").as_bytes())

    assert (
        [str(one) for one in answer.to],
        answer.cc,
        answer.subject,
        answer.in_reply_to,
        answer.references,
        answer.text,
    ) == (
        ["Eve <eve@example.org>"],
        [],
        "Re: Grüße Bcc: x",
        parse(b"In-Reply-To: <3@x>\r\n\r\n").in_reply_to,
        parse(b"References: <1@x> <2@x> <3@x>\r\n\r\n").references,
        (
            "Thanks\n\nOn Fri, 20 Nov 2026 12:00:00 +0000, Eve <eve@example.org> wrote:\n"
            "> Hello\n>> quoted\n"
        ),
    )


def test_reply_to_all():
    """A reply to all goes to all but its author, each once."""
    answer = reply(parse(ORIGINAL), "Ann <ANN@example.org>", to_all=True)

    assert answer.recipients == ("eve@example.org", "fay@example.org", "gil@example.org")


def test_reply_to_reply_to():
    """Reply-To comes before From, and "Re:" is written once."""
    mail = parse(b"From: a@x\r\nReply-To: b@x\r\nSubject: RE: x\r\n\r\n")
    answer = reply(mail, "c@x", quote=False)

    assert (answer.recipients, read(answer)["Subject"]) == (("b@x",), "RE: x")


def test_reply_to_nobody():
    """A message without an author can have no reply."""
    with pytest.raises(MessageError):
        reply(parse(b"Subject: x\r\n\r\n"))


def test_long_thread():
    """References do not grow for ever: the first and the latest stay."""
    many = " ".join(f"<{i}@x>" for i in range(500))
    mail = parse(f"From: a@x\r\nMessage-ID: <last@x>\r\nReferences: {many}\r\n\r\n".encode())
    found = read(reply(mail, "b@x"))["References"].split()

    assert (len(found), found[0], found[-2:]) == (40, "<0@x>", ["<499@x>", "<last@x>"])


def test_automatic_reply():
    """A program's reply says so, and cannot be refused to anybody."""
    answer = reply(parse(ORIGINAL), "ann@example.org", automatic=True)

    assert (read(answer)["Auto-Submitted"], answer.envelope.sender) == ("auto-replied", "")


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <a.b>", "Return-Path: <>"],
)
def test_no_automatic_reply(header):
    """No program replies to a program or a list (RFC 3834)."""
    with pytest.raises(MessageError):
        reply(parse(f"{header}\r\n".encode() + ORIGINAL), "a@x", automatic=True)


def test_forward():
    """A forwarded message is quoted with its header, and keeps its files."""
    mail = parse(simple(text="Look").attachment(b"\0x", "x.bin").as_bytes())
    built = parse(forward(mail, "bob@example.org", "cy@example.org", text="FYI").as_bytes())

    assert built.subject == "Fwd: Hi"
    assert built.text.split("\n")[:4] == [
        "FYI",
        "",
        "---------- Forwarded message ----------",
        "From: ann@example.org",
    ]
    assert built.text.endswith("\n\nLook\n")
    assert [(one.filename, one.content) for one in built.attachments] == [("x.bin", b"\0x")]


def test_forward_as_attachment():
    """A message can be forwarded octet for octet."""
    mail = parse(ORIGINAL)
    built = parse(forward(mail, "b@x", "c@x", as_attachment=True).as_bytes())

    assert built.attachments[0].content == ORIGINAL


def test_forward_html():
    """A forwarded message keeps its HTML and the images in it; what is put above is escaped."""
    first = simple(text="t", html='<p><img src="cid:a.png"></p>').embed("a.png", b"x")
    built = forward(parse(first.as_bytes()), "<b@x>", "c@x", text="1 < 2 &c")
    mail = parse(built.as_bytes())

    assert mail.html.split("<br>")[0] == "<div>1 &lt; 2 &amp;c"
    assert "From: ann@example.org<br>" in mail.html
    assert mail.html.endswith('<hr>\n<p><img src="cid:a.png"></p>')
    assert [(one.content_id, one.content) for one in mail.inline] == [("a.png", b"x")]


def test_reply_to_all_of_one():
    """With nobody else there, a reply to all goes to one."""
    mail = parse(b"From: a@x\r\nTo: b@x\r\n\r\n")

    assert reply(mail, "b@x", to_all=True).recipients == ("a@x",)


def test_thread_begun_by_an_old_program():
    """Without References the thread is what the message replied to."""
    mail = parse(b"From: a@x\r\nMessage-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n\r\n")

    assert read(reply(mail, "b@x"))["References"] == "<1@x> <2@x>"


def test_reply_as_a_method():
    """`mail.reply()` is the same as `reply(mail)`."""
    mail = parse(ORIGINAL)
    said = {"text": "No.", "to_all": True, "quote": False}
    made = [mail.reply("ann@example.org", **said), reply(mail, "ann@example.org", **said)]
    fixed = [one.date(mail.date).message_id("<9@x>").seed("s").as_bytes() for one in made]

    assert fixed[0] == fixed[1]


def test_automatic_reply_as_a_method():
    """A program's reply is marked by the method too."""
    answer = parse(ORIGINAL).reply("ann@example.org", automatic=True)

    assert answer.envelope.sender == ""
    assert b"Auto-Submitted: auto-replied" in answer.as_bytes()


def test_forward_as_a_method():
    """`mail.forward()` attaches the exact octets, or quotes."""
    mail = parse(ORIGINAL)
    whole = mail.forward("ann@example.org", "hal@example.org", text="See", as_attachment=True)
    quoted = mail.forward("ann@example.org", "hal@example.org", text="See")

    assert parse(whole.as_bytes()).attachments[0].message.raw == ORIGINAL
    assert parse(quoted.as_bytes()).text.startswith("See\n\n---------- Forwarded message")
