"""Reports: delivery (RFC 3464), disposition (RFC 8098) and feedback (RFC 5965)."""

import base64

import pytest

from netmail import parse

BOUNCE = """From: mailer@b.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.b.example
Arrival-Date: Mon, 1 Jan 2024 10:00:00 +0000

Final-Recipient: rfc822; bob@c.example
Original-Recipient: rfc822;robert@c.example
Action: Failed
Status: 5.1.1 (no such user)
Remote-MTA: dns; mx.c.example
Diagnostic-Code: smtp; 550 5.1.1
  no such user

Final-Recipient: rfc822; ann@c.example
Action: delayed
Status: 4.4.1
--b
Content-Type: message/rfc822

Message-ID: <1@a.example>
Subject: lost

text
--b--
"""


@pytest.fixture(name="bounce")
def _bounce():
    return parse(BOUNCE).report


def test_delivery_report(bounce):
    """What it says about the message."""
    assert (bounce.kind, bounce.text) == ("delivery", "Your message could not be delivered.")
    assert bounce.fields["reporting-mta"] == "dns; mail.b.example"


def test_delivery_report_recipients(bounce):
    """What became of each recipient."""
    first, second = bounce.recipients

    assert first.recipient == "bob@c.example"
    assert first.original == "robert@c.example"
    assert first.action == "failed"
    assert first.status == "5.1.1"
    assert first.is_permanent is True
    assert first.diagnostic.split() == ["550", "5.1.1", "no", "such", "user"]
    assert second.recipient == "ann@c.example"
    assert second.action == "delayed"
    assert second.is_permanent is False


def test_delivery_report_original(bounce):
    """The message that was lost."""
    assert bounce.original_headers["subject"] == "lost"
    assert bounce.original_message_id == "<1@a.example>"


def test_report_with_headers_only():
    """text/rfc822-headers in place of the message."""
    raw = BOUNCE.replace("message/rfc822\n", "text/rfc822-headers\n")

    assert parse(raw).report.original_headers["subject"] == "lost"


def test_disposition_notification():
    """RFC 8098."""
    raw = (
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        "--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\n"
        "Final-Recipient: rfc822; a@b.example\nOriginal-Message-ID: <1@a.example>\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n"
    )
    report = parse(raw).report

    assert (report.kind, report.original_message_id) == ("disposition", "<1@a.example>")
    assert report.disposition == "manual-action/MDN-sent-manually; displayed"


def test_feedback_report():
    """RFC 5965."""
    raw = (
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        "--b\nContent-Type: message/feedback-report\n\n"
        "Feedback-Type: Abuse\nUser-Agent: x/1\n--b--\n"
    )

    assert parse(raw).report.feedback_type == "abuse"


def test_ordinary_mail_is_no_report():
    """Without a report part there is none."""
    assert parse("\nx").report is None


def test_empty_report():
    """A report part without fields is read."""
    report = parse("Content-Type: message/delivery-status\n\n").report

    assert (report.kind, report.recipients) == ("delivery", ())


@pytest.mark.parametrize("encoded", ["all", "second"])
def test_groups_in_base64_without_a_label(encoded):
    """A server that encodes a group and does not say so loses no recipient."""
    first = b"Reporting-MTA: dns; x.example"
    second = b"Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n"
    body = {
        "all": base64.encodebytes(first + b"\n\n" + second),
        "second": first + b"\n\n" + base64.encodebytes(second),
    }[encoded]
    report = parse(b"Content-Type: message/delivery-status\n\n" + body).report

    assert [(one.recipient, one.status) for one in report.recipients] == [("a@b.example", "5.1.1")]
    assert report.fields.get("Reporting-MTA") == "dns; x.example"
