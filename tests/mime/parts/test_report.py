"""Reports (RFC 3464, RFC 8098), signed mail (RFC 1847), pieces and fields with structure."""

from datetime import UTC, datetime

import pytest

from netmail import parse, rejoin
from netmail.errors import MessageError

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


SIGNED = (
    b'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256;\n'
    b" boundary=b\n\n--b\nContent-Type: text/plain\n\ntext  \n\n--b\n"
    b"Content-Type: application/pgp-signature\n\nSIG\n--b--\n"
)


@pytest.mark.parametrize("raw", [SIGNED, SIGNED.replace(b"\n", b"\r\n")])
def test_signed_octets_are_exact(raw):
    """RFC 1847: header and body, CRLF line ends, without the line end before the boundary."""
    signed = parse(raw).signed

    assert signed.octets == b"Content-Type: text/plain\r\n\r\ntext  \r\n"
    assert (signed.signature, signed.micalg) == (b"SIG", "pgp-sha256")
    assert signed.protocol == "application/pgp-signature"


def test_unsigned_mail():
    """Mail without a signature says so."""
    mail = parse("\nx")

    assert mail.signed is None
    assert mail.is_encrypted is False


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--",
        "application/pkcs7-mime; smime-type=enveloped-data\n\nx",
        "application/x-pkcs7-mime\n\nx",
    ],
)
def test_encrypted_mail_is_recognised(kind):
    """PGP/MIME and S/MIME."""
    assert parse(f"Content-Type: {kind}\n").is_encrypted


def _pieces():
    head = "From: a@b.example\nSubject: outer {0}\nX-Hop: {0}\n"
    kind = 'Content-Type: message/partial; id="i"; number={0}; total=3\n\n'
    inner = "Subject: whole\nMessage-ID: <1@a.example>\nContent-Type: text/html\n\n<p>one\n"
    bodies = [inner, "two\n", "three\n"]
    return [parse((head + kind).format(n) + bodies[n - 1]) for n in (1, 2, 3)]


def test_pieces_are_rejoined():
    """RFC 2046 section 5.2.2: in any order, inner fields where they count."""
    mail = rejoin(reversed(_pieces()))

    assert (mail.subject, mail.html) == ("whole", "<p>one\ntwo\nthree\n")
    assert mail.headers["x-hop"] == "1"


def test_missing_piece():
    """The error names the number."""
    with pytest.raises(MessageError, match="missing: 2"):
        rejoin(_pieces()[::2])


def test_no_pieces():
    """Mail that is no piece is left out."""
    with pytest.raises(MessageError, match="no message/partial"):
        rejoin([parse("\nx")])


def test_pieces_of_two_messages():
    """Pieces that do not belong together are refused."""
    other = parse('Content-Type: message/partial; id="j"; number=1; total=1\n\nx')
    with pytest.raises(MessageError, match="2 messages"):
        rejoin([*_pieces(), other])


def test_received():
    """The clauses, the address and the date of a hop."""
    raw = (
        "Received: from client.example (host.example [192.0.2.7])\n"
        "\tby mail.b.example (Postfix) with ESMTPS id ABC\n"
        "\t(using TLSv1.3 with cipher X) for <bob@b.example>;\n\tMon, 1 Jan 2024 10:00:00 +0000\n\n"
    )
    (hop,) = parse(raw).received

    assert (hop.from_, hop.by, hop.with_, hop.id) == (
        "client.example",
        "mail.b.example",
        "ESMTPS",
        "ABC",
    )
    assert (hop.for_, hop.ip, hop.tls) == ("bob@b.example", "192.0.2.7", "TLSv1.3")
    assert hop.date == datetime(2024, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("from x ([IPv6:2001:db8::1]) by y", "2001:db8::1"),
        ("from [192.0.2.1] by y", "192.0.2.1"),
        ("by y (no client)", ""),
        ("", ""),
    ],
)
def test_received_address(text, ip):
    """IPv4, IPv6, in brackets, none."""
    hop = parse(f"Received: {text}\n\n").received[0]

    assert (hop.ip, hop.date) == (ip, None)


def test_authentication_results():
    """RFC 8601: server, methods, properties, reasons, comments."""
    raw = (
        "Authentication-Results: mail.b.example 1;\n spf=pass smtp.mailfrom=a.example;\n"
        ' dkim=FAIL reason="bad; key" header.d=a.example (2048 bit);\n dmarc=none\n\n'
    )
    (results,) = parse(raw).authentication_results
    spf, dkim, dmarc = results.results

    assert results.server == "mail.b.example"
    assert (spf.method, spf.result, spf.properties) == (
        "spf",
        "pass",
        {"smtp.mailfrom": "a.example"},
    )
    assert (dkim.result, dkim.reason, dkim.comments) == ("fail", "bad; key", ("2048 bit",))
    assert dmarc.result == "none"


def test_authentication_results_of_nobody():
    """A server that checked nothing."""
    (results,) = parse("Authentication-Results: b.example; none\n\n").authentication_results

    assert (results.server, results.results) == ("b.example", ())


def test_list_fields():
    """RFC 2919, RFC 2369, RFC 8058."""
    raw = (
        'List-Id: "A =?utf-8?q?l=C3=AFst?=" <a.lists.example>\n'
        "List-Unsubscribe: <https://a.example/u?x=1,2>,\n <mailto:u@a.example> (comment)\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n\n"
    )
    mail = parse(raw)

    assert mail.list_id == ("A lïst", "a.lists.example")
    assert mail.list_unsubscribe == ["https://a.example/u?x=1,2", "mailto:u@a.example"]
    assert mail.one_click_unsubscribe


def test_mail_without_list_fields():
    """Ordinary mail has none."""
    mail = parse("\nx")

    assert mail.list_id is None
    assert mail.list_unsubscribe == []
    assert mail.one_click_unsubscribe is False


def test_message_ids():
    """Ids in order, each once; bare ones are taken where none has brackets."""
    mail = parse("References: <1@a> <2@a>\n\t<1@a> junk\nIn-Reply-To: 3@a.example\n\n")

    assert (mail.references, mail.in_reply_to) == (["<1@a>", "<2@a>"], ["<3@a.example>"])


def test_sender_and_return_path():
    """One address each, or none."""
    mail = parse("Sender: Ann <a@b.example>\nReturn-Path: <>\n\n")

    assert (mail.sender.address, mail.return_path) == ("a@b.example", "")
    assert (parse("\n").sender, parse("\n").return_path) == (None, None)


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Lunch", "Lunch"),
        ("Re: Lunch", "Lunch"),
        ("RE: re: Fwd: Lunch", "Lunch"),
        ("Re[2]: Lunch", "Lunch"),
        ("[list] Re: Lunch", "Lunch"),
        ("Re: [list] Lunch", "Lunch"),
        ("Lunch (fwd)", "Lunch"),
        ("[Fwd: Lunch]", "Lunch"),
        ("[Fwd: Re: Lunch (fwd)]", "Lunch"),
        ("AW: Lunch", "Lunch"),
        ("  Lunch   today ", "Lunch today"),
        ("[list]", "[list]"),
        ("", ""),
    ],
)
def test_thread_subject(subject, base):
    """RFC 5256 section 2.1."""
    assert parse(f"Subject: {subject}\n\n").thread_subject() == base
