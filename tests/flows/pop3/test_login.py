"""POP3's logins, as transcripts."""

import base64
import hashlib

import pytest

from netmail.errors import (
    AuthenticationError,
    CapabilityError,
    ConnectionLost,
    Pop3Error,
    ProtocolError,
)
from netmail.flows.flow import RECEIVE
from netmail.flows.handshake import Handshake
from netmail.flows.pop3.session import Pop3Session
from netmail.options.options import MailProtocol, parse_options
from support.replay import replay, replay_both

GREETING = b"+OK ready <1896.697170952@dbc.mtview.ca.us>"


def login(greeting=GREETING, capabilities=(b"USER", b"SASL PLAIN CRAM-MD5 XOAUTH2"), **options):
    """The opening conversation of a session that logs in by itself."""
    given = {"username": "tim", "password": "tanstaaftanstaaf", **options}
    checked = parse_options(MailProtocol.POP3, host="localhost", **given)
    lines = [("S", greeting), ("C", b"CAPA"), ("S", b"+OK")]
    lines += [("S", line) for line in capabilities]
    handshake = Handshake((*lines, ("S", b".")), encrypted=False)
    return lambda transcript: replay_both(
        lambda: Pop3Session(checked), lambda current: current.open(handshake), transcript
    )


LOGINS = {
    "plain": (
        ["PLAIN", "LOGIN"],
        "C: AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\nS: +OK in",
    ),
    "cram-md5": (
        ["SCRAM-SHA-256", "CRAM-MD5"],
        (
            "C: AUTH CRAM-MD5\n"
            "S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\n"
            "C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\n"
            "S: +OK in"
        ),
    ),
    "apop": (
        ["SCRAM-SHA-256", "APOP"],
        "C: APOP tim 55ffb26a6b8c01af8826a26c3d6c0a20\nS: +OK in",
    ),
    "user": (
        ["SCRAM-SHA-256", "USER"],
        "C: USER tim\nS: +OK\nC: PASS tanstaaftanstaaf\nS: +OK in",
    ),
}


@pytest.mark.parametrize("name", LOGINS)
def test_login(name):
    """Of several mechanisms the first that the server offers is spoken."""
    auth, transcript = LOGINS[name]
    seal = hashlib.md5(GREETING[10:] + b"tanstaaftanstaaf").hexdigest()
    transcript = transcript.replace("55ffb26a6b8c01af8826a26c3d6c0a20", seal)

    assert login(auth=auth)(transcript) == name.upper()


@pytest.mark.parametrize(("auth", "transcript"), LOGINS.values(), ids=LOGINS)
def test_login_refused(auth, transcript):
    """A refusal is an AuthenticationError with the server's text, and without secrets."""
    seal = hashlib.md5(GREETING[10:] + b"tanstaaftanstaaf").hexdigest()
    transcript = transcript.replace("55ffb26a6b8c01af8826a26c3d6c0a20", seal)
    refusal = "-ERR [AUTH] no: tanstaaftanstaaf AHRpbQB0YW5zdGFhZnRhbnN0YWFm"
    if auth[0] != "PLAIN":
        refusal = "-ERR [AUTH] no: tanstaaftanstaaf"
    with pytest.raises(AuthenticationError, match=r"\[AUTH\] no: \*\*\*") as caught:
        login(auth=auth)(transcript.replace("+OK in", refusal))

    assert "tanstaaf" not in str(caught.value)
    assert "AHRpbQB0" not in str(caught.value)


def test_login_with_a_late_challenge():
    """`+OK` where `+` is meant is no success before credentials were sent."""
    token = "t" * 300
    run = login(auth=["XOAUTH2", "PLAIN"], password=None, oauth2_token=token)
    blob = base64.b64encode(f"user=tim\1auth=Bearer {token}\1\1".encode()).decode()

    assert run(f"C: AUTH XOAUTH2\nS: +OK\nC: {blob}\nS: +OK in") == "XOAUTH2"


def test_token_refused():
    """The reason that a server sends in a challenge is in the error."""
    run = login(auth=["XOAUTH2", "PLAIN"], password=None, oauth2_token="tok3n")
    transcript = """
        C: AUTH XOAUTH2 dXNlcj10aW0BYXV0aD1CZWFyZXIgdG9rM24BAQ==
        S: + eyJzdGF0dXMiOiI0MDEifQ==
        C:\x20
        S: -ERR [AUTH] failed
    """.replace("C:\x20\n", "C! \\r\\n\n")

    with pytest.raises(AuthenticationError, match=r'failed \({"status":"401"}\)'):
        run(transcript)


@pytest.mark.parametrize("challenge", ["+", "+ ", "+ bW9yZQ=="])
def test_login_without_end(challenge):
    """A server that asks on and on is not logging us in."""
    with pytest.raises(AuthenticationError, match="asks for more"):
        login(auth=["PLAIN", "LOGIN"])(
            f"C: AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\nS: {challenge}"
        )


@pytest.mark.parametrize("reply", ["250 ok", "* OK", "334 eA==", "OK"])
def test_login_answered_in_another_language(reply):
    """A reply that is not POP3's lets nobody in."""
    with pytest.raises(ProtocolError):
        login(auth=["PLAIN", "LOGIN"])(f"C: AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\nS: {reply}")


def test_scram_success_without_proof():
    """A server that says +OK before it has proved itself is refused."""
    checked = parse_options(
        MailProtocol.POP3, host="localhost", username="tim", password="secret", auth="SCRAM-SHA-256"
    )
    current = Pop3Session(checked)
    lines = [b"+OK", b"CAPA", b"+OK", b"SASL SCRAM-SHA-256", b"."]
    handshake = Handshake(tuple(zip("SCSSS", lines, strict=True)), encrypted=False)
    flow = current.open(handshake)
    while next(flow) is not RECEIVE:
        pass
    current.reader.feed(b"+OK welcome\r\n")

    with pytest.raises(AuthenticationError, match="without proving"):
        flow.send(None)


@pytest.mark.parametrize(
    ("auth", "greeting", "capabilities"),
    [
        (["SCRAM-SHA-256", "SCRAM-SHA-1"], GREETING, (b"SASL PLAIN",)),
        (["SCRAM-SHA-256", "APOP"], b"+OK <ready>", (b"USER",)),
        (["SCRAM-SHA-256", "USER"], GREETING, (b"TOP",)),
        (["SCRAM-SHA-256"], GREETING, ()),
    ],
    ids=["sasl", "no-timestamp", "no-user", "no-capabilities"],
)
def test_nothing_offered(auth, greeting, capabilities):
    """Where the server offers nothing that was asked for, no credential leaves."""
    with pytest.raises(AuthenticationError, match="auth asks for"):
        login(auth=auth, greeting=greeting, capabilities=capabilities)("")


def test_libcurl_skipped_the_login():
    """A login that was left to libcurl and did not happen is a failure."""
    with pytest.raises(AuthenticationError, match="libcurl does not know"):
        login(auth="DIGEST-MD5")("")


@pytest.mark.parametrize(
    ("line", "method"),
    [(b"PASS ***", "USER"), (b"APOP tim ***", "APOP"), (b"AUTH PLAIN ***", "PLAIN")],
)
def test_libcurl_logged_in(line, method):
    """If libcurl has sent the credentials, nothing more is sent."""
    checked = parse_options(MailProtocol.POP3, host="h.test", username="tim", password="secret")
    current = Pop3Session(checked)
    handshake = Handshake((("S", GREETING), ("C", line), ("S", b"+OK")), encrypted=True)

    assert replay(current.open(handshake), current.reader, "") == method


def test_user_named_like_a_command():
    """A user whose name is "pass" has not yet given a password."""
    checked = parse_options(MailProtocol.POP3, host="h.test", username="pass", password="secret")
    current = Pop3Session(checked)
    handshake = Handshake((("S", GREETING), ("C", b"USER pass"), ("S", b"+OK")), encrypted=True)

    with pytest.raises(ConnectionLost):
        replay(current.open(handshake), current.reader, "EOF")


@pytest.mark.parametrize("auth", [["EXTERNAL", "APOP"], ["EXTERNAL", "USER"]], ids=str)
def test_login_without_a_password(auth):
    """The sentence says that a password is needed; no half login is sent."""
    with pytest.raises(AuthenticationError, match="needs a password"):
        login(auth=auth, password=None)("")


UTF8 = (b"USER", b"UTF8")


def test_utf8_refused():
    """A refusal of UTF8 is the server's error, and nothing is sent after it."""
    with pytest.raises(Pop3Error, match="not now") as caught:
        login(capabilities=UTF8, utf8=True)("C: UTF8\nS: -ERR not now")

    assert caught.value.command == "UTF8"


def test_utf8_not_offered():
    """Without the capability UTF8 is not sent, and the login is as ever."""
    found = login(greeting=b"+OK", capabilities=(b"USER",), utf8=True)(LOGINS["user"][1])

    assert found == "USER"


def test_utf8_not_asked_for():
    """A server that offers UTF8 stays in ASCII mode if the option is not given."""
    assert login(greeting=b"+OK", capabilities=UTF8)(LOGINS["user"][1]) == "USER"


def test_utf8_without_login():
    """Without credentials the session stays before the login, where UTF8 is valid."""
    found = login(capabilities=UTF8, utf8=True, username=None, password=None)("C: UTF8\nS: +OK")

    assert found is None


def test_utf8_after_libcurl_login():
    """Where libcurl has logged in, it is too late for UTF8."""
    options = parse_options(
        MailProtocol.POP3, host="localhost", username="tim", password="x", utf8=True, auth="NTLM"
    )
    lines = [("S", b"+OK"), ("C", b"CAPA"), ("S", b"+OK"), ("S", b"UTF8"), ("S", b"."),
             ("C", b"AUTH NTLM"), ("S", b"+OK")]  # fmt: skip
    handshake = Handshake(tuple(lines), encrypted=False)

    with pytest.raises(CapabilityError, match="before the login"):
        replay_both(lambda: Pop3Session(options), lambda current: current.open(handshake), "")


@pytest.mark.parametrize("given", [{"username": "jörg"}, {"password": "pässwort"}])
def test_name_beyond_ascii(given):
    """A server with UTF8 and without USER takes ASCII only; the error says so."""
    with pytest.raises(AuthenticationError, match="UTF8 lacks USER, so that USER takes ASCII"):
        login(greeting=b"+OK", capabilities=UTF8, **given)("")


def test_name_beyond_ascii_named():
    """Where `auth` names the command it is sent all the same."""
    found = login(greeting=b"+OK", capabilities=UTF8, username="jörg", auth="USER")(
        "C: USER jörg\nS: +OK\nC: PASS tanstaaftanstaaf\nS: +OK"
    )

    assert found == "USER"


def test_name_beyond_ascii_unknown():
    """A server without UTF8 says nothing about names, and most take them."""
    found = login(greeting=b"+OK", capabilities=(b"USER",), username="jörg")(
        "C: USER jörg\nS: +OK\nC: PASS tanstaaftanstaaf\nS: +OK"
    )

    assert found == "USER"


def test_apop_is_prepared():
    """With UTF8 USER, APOP's name and password are prepared by SASLprep."""
    seal = hashlib.md5(GREETING[10:] + "office ü".encode()).hexdigest()
    names = {"username": "ti\ufb01", "password": "o\ufb03ce\u00a0u\u0308"}
    found = login(capabilities=(b"UTF8 USER",), **names)(f"C: APOP tifi {seal}\nS: +OK")

    assert found == "APOP"
