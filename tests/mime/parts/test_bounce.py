"""How the text of a returned message is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import MessageLimits, parse
from netmail.mime.parts.bounce_texts import BOUNCE_TEXTS
from support.timing import cpu_limit

QMAIL, EXIM, EXCHANGE, EXCHANGE_5 = BOUNCE_TEXTS


def recipients(raw):
    """Return what the report of a message says of each recipient."""
    return [
        (each.recipient, each.original, each.action, each.status, each.remote)
        for each in parse(raw).report.recipients
    ]


def test_qmail():
    """Each paragraph is a recipient; the server's name is in the first line."""
    report = parse(QMAIL.sample).report

    assert recipients(QMAIL.sample) == [
        ("ann@b.example", "", "failed", "5.1.1", "192.0.2.1"),
        ("bob@c.example", "", "failed", "4.1.2", ""),
    ]
    assert report.fields["reporting-mta"] == "dns; mx.b.example"
    assert report.recipients[1].diagnostic.startswith("Sorry, I couldn't find any host")
    assert report.recipients[1].fields["final-recipient"] == "rfc822; bob@c.example"


def test_exim():
    """The address that was given is the original one; a text without a number is permanent."""
    assert recipients(EXIM.sample) == [
        ("ann@b.example", "all@c.example", "failed", "5.1.1", "mx.b.example"),
        ("bob@c.example", "", "failed", "5.0.0", ""),
    ]


@pytest.mark.parametrize("known", [QMAIL, EXIM, EXCHANGE_5], ids=lambda known: known.name)
def test_returned_message(known):
    """The message below the text, or beside it, is the original."""
    report = parse(known.sample).report

    assert report.original_message_id == "<1@b.example>"
    assert report.original.message.text == "At noon?\n"
    assert "At noon?" not in report.text


def test_exim_cuts_a_long_message():
    """The remark that the message was cut is no part of it."""
    remark = b"------ The body of the message is 99999 characters long; only the first\n\n"
    report = parse(EXIM.sample.replace(b"\n\nSubject: Lunch", b"\n\n" + remark + b"Subject: Lunch"))

    assert report.report.original_headers["subject"] == "Lunch"


def test_exim_warns():
    """A delay is temporary."""
    raw = (
        b"Subject: Warning: message delayed 24 hours\n\n"
        b"This message was created automatically by mail delivery software.\n"
        b"A message that you sent has not yet been delivered to one or more of its\n"
        b"recipients after more than 24 hours on the queue on mx.b.example.\n\n"
        b"The address to which the message has not yet been delivered is:\n\n"
        b"  ann@b.example\n    Delay reason: Connection timed out\n"
    )

    assert recipients(raw) == [("ann@b.example", "", "delayed", "4.0.0", "")]
    assert parse(raw).report.original is None


def test_exchange():
    """The code has a number sign, the address is before the time."""
    assert recipients(EXCHANGE.sample) == [
        ("ann@b.example", "", "failed", "5.1.1", "server.b.example")
    ]
    assert recipients(EXCHANGE_5.sample) == [("ann@b.example", "", "failed", "5.0.0", "SERVER")]


def test_reply_code_without_enhanced_status():
    """The class comes from the reply code."""
    raw = EXIM.sample.replace(b"550 5.1.1 unknown", b"450 try later")

    assert recipients(raw)[0][3] == "4.0.0"


def test_status_of_the_standard_counts():
    """A message with a delivery status is read by that."""
    raw = (
        b"Content-Type: multipart/report; boundary=b\n\n--b\n\n"
        + EXIM.sample.partition(b"\n\n")[2]
        + b"\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        b"Final-Recipient: rfc822; z@b.example\nAction: failed\nStatus: 5.7.1\n\n--b--\n"
    )

    assert parse(raw).report.guessed_from == ""
    assert recipients(raw)[0][0] == "z@b.example"


def test_limit_of_recipients():
    """No more recipients are read than addresses of a field."""
    raw = QMAIL.sample.partition(b"<ann")[0] + b"<a@b.example>:\nx\n\n" * 50

    assert len(parse(raw, limits=MessageLimits(addresses=3)).report.recipients) == 3


def test_limit_of_nested_messages():
    """A returned message is a copy, of which there are as many in each other as allowed."""
    report = parse(QMAIL.sample, limits=MessageLimits(nested_encoded=0)).report

    assert report.original is None


@pytest.mark.parametrize("known", BOUNCE_TEXTS, ids=lambda known: known.name)
@given(st.text(max_size=60), st.integers(0, 400))
def test_anything(known, text, position):
    """Nothing raises, whatever is in the text."""
    body = known.sample.partition(b"\n\n")[2]
    position = min(position, len(body))
    report = parse(b"\n" + body[:position] + text.encode() + body[position:]).report
    if report is not None:
        assert report.recipients
        assert report.original is None or report.original.content is not None


@pytest.mark.parametrize("known", BOUNCE_TEXTS, ids=lambda known: known.name)
@pytest.mark.parametrize(
    "piece",
    [
        *("<", " ", " on ", "MSEXCH:", "(generated from ", "host ", "a", "\n", "  a\n", "5.1."),
        *("<a>:\n", "a on 1:1\n", "------ \n", "a on 1:1\n <", "  a\n    (generated from "),
    ],
)
def test_time_in_proportion(known, piece):
    """No text makes a line be looked at again and again."""
    head = known.sample.partition(b"ann@b.example")[0].partition(b"\n\n")[2]
    raw = b"\n" + head + b"ann@b.example on 1:1\n" + piece.encode() * (1_000_000 // len(piece))
    with cpu_limit(5):
        report = parse(raw).report

    assert report is None or report.recipients
