"""The messages to send: checked when they are added, and kept as they will be sent."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netmail
from netmail.envelope import Envelope
from netmail.errors import MessageError, UsageError
from netmail.flows.smtp.content import LINE_LIMIT
from netmail.flows.smtp.queue import SendQueue

CONTENT = b"Subject: hi\r\n\r\nhello\r\n"


def envelope(content=CONTENT, sender="ann@x.test", recipients=("bob@x.test",)):
    """An envelope with content."""
    return Envelope(sender, recipients, content)


def added(message, *arguments, **keywords):
    """Add one message to an empty queue; return what is in its queue."""
    queue = SendQueue()
    queue.add(message, *arguments, **keywords)
    return queue.pending[0]


def built():
    """A message that netmail built."""
    return netmail.message().from_("Ann <ann@x.test>").to("bob@x.test").subject("hi").text("hello")


def standard():
    """A message that the standard library built."""
    message = EmailMessage()
    message["From"] = "Ann <ann@x.test>"
    message["To"] = "Bob <bob@x.test>"
    message["Bcc"] = "cy@x.test"
    message.set_content("hello")
    return message


def test_envelope():
    """An envelope with content is sent as it is."""
    assert added(envelope()) == envelope()


def test_own_message():
    """A message has its envelope in its header."""
    pending = added(built())

    assert pending.sender == "ann@x.test"
    assert pending.recipients == ("bob@x.test",)
    assert pending.content.startswith(b"From: Ann <ann@x.test>\r\n")


def test_standard_message():
    """So has a message of the standard library; its Bcc is in the envelope only."""
    pending = added(standard())

    assert pending.sender == "ann@x.test"
    assert pending.recipients == ("bob@x.test", "cy@x.test")
    assert b"bcc" not in pending.content.lower()


def test_blade_bcc_leak():
    """Bcc is in the envelope and never in the message."""
    pending = added(built().bcc("cy@x.test"))

    assert pending.recipients == ("bob@x.test", "cy@x.test")
    assert b"cy@x.test" not in pending.content


def test_blade_name_and_address_in_rcpt():
    """RCPT gets addresses, never "Name <address>"."""
    message = built().to(["Cy Young <cy@x.test>", "Dee <dee@x.test>"])
    queue = SendQueue()
    queue.add(message)
    ((_, mail),) = queue.begin()

    assert [recipient.path for recipient in mail.pending] == [
        b"<bob@x.test>",
        b"<cy@x.test>",
        b"<dee@x.test>",
    ]


def test_blade_later_changes_do_not_reach_the_queue():
    """A message is written when it is added; later changes have no effect."""
    queue = SendQueue()
    message = built()
    queue.add(message)
    before = queue.pending
    message.to("late@x.test").subject("changed")

    assert before == queue.pending


@pytest.mark.parametrize(
    ("header", "left"),
    [
        (b"Bcc: cy@x.test\r\nA: b\r\n", b"A: b\r\n"),
        (b"A: b\r\nBCC: cy@x.test,\r\n\tdee@x.test\r\nC: d\r\n", b"A: b\r\nC: d\r\n"),
        (b"Resent-Bcc : cy@x.test\r\nA: b\r\n", b"A: b\r\n"),
        (b"X-Bcc: kept\r\n", b"X-Bcc: kept\r\n"),
        (b"Subject: bcc: kept\r\n", b"Subject: bcc: kept\r\n"),
    ],
    ids=["first", "folded", "resent", "other name", "in a value"],
)
def test_bcc_is_taken_out_of_raw_octets(header, left):
    """Bcc is removed from a header that the caller wrote."""
    body = b"\r\nBcc: in the text\r\n"

    assert left + body == added(envelope(header + body)).content


def test_sender_and_recipients_instead():
    """The caller's sender and recipients replace the message's."""
    pending = added(built(), "else@x.test", ["cy@x.test", "dee@x.test"])

    assert pending.sender == "else@x.test"
    assert pending.recipients == ("cy@x.test", "dee@x.test")


def test_null_sender_instead():
    """An empty sender is the null sender."""
    assert added(built(), sender="").sender == ""


def test_one_recipient_as_text():
    """One recipient may be given as a str."""
    assert added(built(), recipients="cy@x.test").recipients == ("cy@x.test",)


def test_same_recipient_twice():
    """A recipient that is given twice gets the message once."""
    assert added(built(), recipients=["a@x.test", "b@x.test", "a@x.test"]).recipients == (
        "a@x.test",
        "b@x.test",
    )


REFUSED = {
    "no content": (Envelope("a@x.test", ("b@x.test",)), {}, MessageError),
    "no recipients": (envelope(recipients=()), {}, MessageError),
    "no recipients given": (envelope(), {"recipients": []}, MessageError),
    "line end in a recipient": (envelope(), {"recipients": "a@x.test\r\nDATA"}, UsageError),
    "line end in the sender": (envelope(), {"sender": "a@x.test>\nRSET"}, UsageError),
    "display name": (envelope(), {"recipients": ["Bob <b@x.test>"]}, UsageError),
    "parameter": (envelope(), {"sender": "a@x.test> RET=FULL"}, UsageError),
    "empty recipient": (envelope(), {"recipients": [""]}, UsageError),
    "number as recipients": (envelope(), {"recipients": 5}, UsageError),
    "octets as recipients": (envelope(), {"recipients": b""}, UsageError),
    "bytes": (CONTENT, {}, UsageError),
    "nothing": (None, {}, UsageError),
    "long line": (envelope(b"\r\n" + b"x" * (LINE_LIMIT + 1) + b"\r\n"), {}, MessageError),
    "long last line": (envelope(b"\r\n" + b"x" * (LINE_LIMIT + 1)), {}, MessageError),
}


@pytest.mark.parametrize(("message", "keywords", "error"), REFUSED.values(), ids=REFUSED)
def test_refused_at_once(message, keywords, error):
    """A message that cannot be sent is refused when it is added; the queue stays as it was."""
    queue = SendQueue()
    queue.add(envelope())
    with pytest.raises(error):
        queue.add(message, **keywords)

    assert (envelope(),) == queue.pending


@pytest.mark.parametrize("length", [1, LINE_LIMIT - 1, LINE_LIMIT])
def test_lines_up_to_the_limit(length):
    """A line may have 998 octets."""
    content = b"\r\n" + (b"x" * length + b"\r\n") * 3

    assert content == added(envelope(content)).content


def test_long_line_is_named():
    """The error says which line it is, and how long."""
    content = b"a: b\r\n\r\n" + b"x" * 10 + b"\r\n" + b"y" * 1200 + b"\r\nz\r\n"
    with pytest.raises(MessageError, match="line 4 has 1200 octets"):
        added(envelope(content))


def test_long_lines_if_they_are_meant():
    """The caller can allow long lines."""
    content = b"\r\n" + b"x" * 2000 + b"\r\n"

    assert content == added(envelope(content), allow_long_lines=True).content


@given(st.lists(st.integers(0, 2100), max_size=8))
def test_long_lines_are_found_wherever_they_are(lengths):
    """A message is refused exactly if one of its lines is too long."""
    content = b"\r\n" + b"".join(b"x" * length + b"\r\n" for length in lengths)
    try:
        added(envelope(content))
    except MessageError:
        assert max(lengths) > LINE_LIMIT
    else:
        assert max(lengths, default=0) <= LINE_LIMIT


IDS = {
    "usual": (b"Message-ID: <a@b>\r\n\r\n", "<a@b>"),
    "other case": (b"A: b\r\nmessage-id:<a@b>\r\n\r\n", "<a@b>"),
    "folded": (b"Message-ID:\r\n <a@b>\r\nA: b\r\n\r\n", "<a@b>"),
    "missing": (b"A: b\r\n\r\n", ""),
    "in the text": (b"A: b\r\n\r\nMessage-ID: <a@b>\r\n", ""),
    "other name": (b"X-Message-ID: <a@b>\r\n\r\n", ""),
    "after another name": (b"X-Message-ID: <x@y>\r\nMessage-ID: <a@b>\r\n\r\n", "<a@b>"),
    "no header": (b"\r\nMessage-ID: <a@b>\r\n", ""),
    "empty": (b"", ""),
    "not UTF-8": (b"Message-ID: <\xff@b>\r\n\r\n", "<\\xff@b>"),
}


@pytest.mark.parametrize(("content", "expected"), IDS.values(), ids=IDS)
def test_message_id(content, expected):
    """The Message-ID is found in the header."""
    queue = SendQueue()
    queue.add(envelope(content))

    assert [expected] == [mail.message_id for _, mail in queue.begin()]


def test_clear():
    """clear() drops the pending and the uncertain messages."""
    queue = SendQueue()
    queue.add(envelope())
    queue.add(envelope())
    (_, mail), _ = queue.begin()
    mail.hand_over(mail.pending)
    queue.clear()

    assert queue.pending == ()
    assert queue.uncertain == ()


def test_uncertain_can_be_added_again():
    """An uncertain message can be added like any other."""
    queue = SendQueue()
    queue.add(envelope())
    ((_, mail),) = queue.begin()
    mail.hand_over(mail.pending)
    queue.add(queue.uncertain[0])

    assert queue.pending == (envelope(),)
    assert queue.uncertain == (envelope(),)
