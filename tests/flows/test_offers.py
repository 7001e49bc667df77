"""What servers offer, as handshakes show it."""

import pytest

from netmail.flows.offers import (
    around_tls,
    mechanisms_in,
    offers_clear_login,
    withdrawn,
)
from netmail.options.options import MailProtocol
from netmail.wire.imap.responses import status

IMAP, POP3, SMTP = MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP


def lines(text):
    """Read a transcript."""
    return [(line[0], line[3:].encode()) for line in text.strip().splitlines()]


@pytest.mark.parametrize(
    ("protocol", "text", "before", "after"),
    [
        (
            IMAP,
            (
                "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi\nC: A001 STARTTLS\nS: A001 OK go\n"
                "C: A002 CAPABILITY\nS: * CAPABILITY IMAP4rev1 AUTH=PLAIN\nS: A002 OK done"
            ),
            ("IMAP4REV1", "STARTTLS"),
            ("AUTH=PLAIN", "IMAP4REV1"),
        ),
        (IMAP, "S: * OK hi", None, None),
        (
            POP3,
            "S: +OK hi\nC: CAPA\nS: +OK\nS: SASL PLAIN\nS: STLS\nS: .\nC: STLS\nS: +OK",
            ("SASL PLAIN", "STLS"),
            None,
        ),
        (
            SMTP,
            (
                "S: 220 hi\nC: EHLO me\nS: 250-x\nS: 250-STARTTLS\nS: 250 SIZE 9\nC: STARTTLS\n"
                "S: 220 go\nC: EHLO me\nS: 250-x\nS: 250 AUTH PLAIN"
            ),
            ("SIZE 9", "STARTTLS"),
            ("AUTH PLAIN",),
        ),
        (SMTP, "S: 220 hi\nC: EHLO me\nS: 500 what?", None, None),
    ],
)
def test_around_tls(protocol, text, before, after):
    """What was offered before STARTTLS and what after it are two lists."""
    assert around_tls(protocol, lines(text)) == (before, after)


@pytest.mark.parametrize(
    ("offers", "expected"),
    [
        (("AUTH=PLAIN", "AUTH=SCRAM-SHA-1", "IDLE"), ("PLAIN", "SCRAM-SHA-1")),
        (("SASL PLAIN login", "TOP"), ("LOGIN", "PLAIN")),
        (("AUTH PLAIN", "AUTH=LOGIN CRAM-MD5"), ("CRAM-MD5", "LOGIN", "PLAIN")),
        (("STARTTLS",), ()),
    ],
)
def test_mechanisms(offers, expected):
    """Each protocol has its own form, and SMTP an old one too."""
    assert mechanisms_in(offers) == expected


@pytest.mark.parametrize(
    ("protocol", "offers", "expected"),
    [
        (IMAP, ("IMAP4REV1", "LOGINDISABLED"), False),
        (IMAP, ("IMAP4REV1", "AUTH=CRAM-MD5"), True),  # LOGIN itself
        (IMAP, ("LOGINDISABLED", "AUTH=PLAIN"), True),
        (POP3, ("USER", "TOP"), True),
        (POP3, ("SASL CRAM-MD5",), False),
        (SMTP, ("AUTH LOGIN",), True),
        (SMTP, ("STARTTLS",), False),
    ],
)
def test_login_in_clear(protocol, offers, expected):
    """A password may be sent as it is."""
    assert offers_clear_login(protocol, offers) is expected


def test_withdrawn():
    """What TLS and the login end by rule is none of it."""
    before = ("STARTTLS", "LOGINDISABLED", "AUTH=PLAIN", "IDLE", "SIZE 9")

    assert withdrawn(before, ("SIZE 10", "MOVE")) == ("IDLE",)
    assert withdrawn(None, ("SIZE 10",)) == ()
    assert withdrawn(before, None) == ()


def test_capabilities_in_a_status_response():
    """The form that a greeting has is one that the grammar reads."""
    assert status(b"* OK [CAPABILITY IMAP4rev1] hi").code.name == "CAPABILITY"
