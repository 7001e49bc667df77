"""Which refusals of a login are about the account, so that no other mechanism helps."""

import pytest

from netmail.errors import ImapError, Pop3Error, ReplyError, SmtpError
from netmail.wire.login_refusal import is_final

OTHER_MECHANISM = {
    "imap wrong password": ImapError("LOGIN", "Login failed.", "NO", "AUTHENTICATIONFAILED"),
    "imap without code": ImapError("AUTHENTICATE", "Login failed.", "NO"),
    "imap needs tls": ImapError("LOGIN", "use TLS", "NO", "PRIVACYREQUIRED"),
    "imap unknown": ImapError("AUTHENTICATE", "Unsupported authentication mechanism.", "BAD"),
    "pop3 wrong password": Pop3Error("PASS", "[AUTH] Authentication failed.", "AUTH"),
    "pop3 without code": Pop3Error("APOP", "Bad authentication"),
    "smtp wrong password": SmtpError("AUTH", "Incorrect authentication data", 535),
    "smtp with enhanced code": SmtpError("AUTH", "authentication failed", 535, "5.7.8"),
    "smtp too weak": SmtpError("AUTH", "Authentication mechanism is too weak", 534, "5.7.9"),
    "smtp transition": SmtpError("AUTH", "A password transition is needed", 432, "4.7.12"),
    "smtp mechanism disabled": SmtpError("AUTH", "LOGIN authentication is disabled", 504, "5.5.4"),
    "other": ReplyError("AUTH", "no"),
}


@pytest.mark.parametrize("refusal", OTHER_MECHANISM.values(), ids=OTHER_MECHANISM)
def test_another_mechanism_may_help(refusal):
    """A refusal of the mechanism, or of the proof in it, is not the end."""
    assert not is_final(refusal)


FINAL = {
    "imap expired": ImapError("LOGIN", "no", "NO", "EXPIRED"),
    "imap admin": ImapError("LOGIN", "no", "NO", "CONTACTADMIN"),
    "imap authzid": ImapError("AUTHENTICATE", "no such authz id", "NO", "AUTHORIZATIONFAILED"),
    "imap down": ImapError("LOGIN", "no", "NO", "UNAVAILABLE"),
    "imap limit": ImapError("LOGIN", "no", "NO", "LIMIT"),
    "pop3 busy": Pop3Error("PASS", "[IN-USE] Do you have another POP session?", "IN-USE"),
    "pop3 delay": Pop3Error("PASS", "[LOGIN-DELAY] minimum time between logins", "LOGIN-DELAY"),
    "pop3 failure": Pop3Error("PASS", "[SYS/TEMP] no database", "SYS/TEMP"),
    "pop3 admin": Pop3Error("PASS", "[SYS/PERM] Permission denied.", "SYS/PERM"),
    "smtp disabled": SmtpError("AUTH", "no", 535, "5.7.13"),
    "smtp browser": SmtpError("AUTH", "Please log in via your web browser", 534, "5.7.14"),
    "smtp down": SmtpError("AUTH", "Temporary authentication failure", 454, "4.7.0"),
    "pop3 text": Pop3Error("PASS", "[AUTH] Account is locked", "AUTH"),
    "microsoft text": SmtpError(
        "AUTH",
        "Authentication unsuccessful, user is locked by your organization's security defaults",
        535,
        "5.7.139",
    ),
    "imap text": ImapError(
        "LOGIN", "This account has been disabled.", "NO", "AUTHENTICATIONFAILED"
    ),
    "expired text": Pop3Error("PASS", "Your password has expired"),
    "many": SmtpError("AUTH", "Too many login attempts, please try again later", 535),
}


@pytest.mark.parametrize("refusal", FINAL.values(), ids=FINAL)
def test_nothing_else_helps(refusal):
    """A refusal of the account, or a failure of the server, ends the login."""
    assert is_final(refusal)
