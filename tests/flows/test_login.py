"""Which mechanisms a login tries, in which order, and when it stops."""

import pytest

from netmail.errors import AuthenticationError, ConnectionLost, MailTimeout, Phase
from netmail.flows.handshake import Handshake
from netmail.flows.login import APOP, COMMAND, MAX_ATTEMPTS, left_to_libcurl, log_in
from netmail.flows.sasl import Refusal
from netmail.options.options import MailProtocol, parse_options

WRONG = Refusal("no", transient=False, final=False)
ALL = ("LOGIN", "PLAIN", "XOAUTH2", "OAUTHBEARER", "EXTERNAL", "CRAM-MD5", "SCRAM-SHA-1",
       "SCRAM-SHA-256", "DIGEST-MD5", COMMAND, APOP)  # fmt: skip


def try_all(
    offered,
    refusals=None,
    *,
    encrypted=True,
    end_point=b"",
    settle=lambda: None,
    protocol="pop3",
    **given,
):
    """Run a login that is refused but for the mechanisms not in `refusals`; list the attempts."""
    options = parse_options(
        MailProtocol(protocol), **{"host": "localhost", "username": "u", **given}
    )
    attempts = []

    def attempt(name, _credentials):
        attempts.append(name)
        reply = WRONG if refusals is None else refusals.get(name)
        if isinstance(reply, Exception):
            raise reply
        return reply
        yield

    handshake = Handshake((), encrypted, end_point=end_point)
    flow = log_in(options, offered, attempt, settle, handshake)
    try:
        while True:
            next(flow)
    except StopIteration as end:
        return attempts, end.value
    except AuthenticationError as error:
        return attempts, error


PLUS = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"]


def test_binding_by_name():
    """A mechanism that binds the login to TLS is named, and needs something to bind it to."""
    attempts, error = try_all([*ALL, *PLUS], end_point=b"hash", password="p")
    assert attempts == ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN"]
    assert error.not_tried["SCRAM-SHA-256-PLUS"] == "only where auth names it"

    named = {"password": "p", "auth": [*PLUS, "SCRAM-SHA-256"]}
    attempts, _ = try_all([*ALL, *PLUS], end_point=b"hash", **named)
    assert attempts == [*PLUS, "SCRAM-SHA-256"]

    attempts, error = try_all([*ALL, *PLUS], **named)
    assert attempts == ["SCRAM-SHA-256"]
    assert "a certificate that it can bind to" in error.not_tried["SCRAM-SHA-256-PLUS"]


ORDERS = {
    "password": ({"password": "p"}, ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN"]),
    "token": ({"oauth2_token": "t"}, ["OAUTHBEARER", "XOAUTH2"]),
    "certificate": ({}, ["EXTERNAL"]),
    "certificate and password": (
        {"password": "p", "auth": ["EXTERNAL", "PLAIN"]},
        ["EXTERNAL", "PLAIN"],
    ),
    "authzid": ({"password": "p", "authzid": "z"}, ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]),
    "authzid and token": ({"oauth2_token": "t", "authzid": "z"}, ["OAUTHBEARER"]),
    "caller's": ({"password": "p", "auth": ["LOGIN", "SCRAM-SHA-1"]}, ["LOGIN", "SCRAM-SHA-1"]),
    "one": ({"password": "p", "auth": "PLAIN"}, ["PLAIN"]),
    "command": ({"password": "p", "auth": "+LOGIN"}, ["+LOGIN"]),
    "USER": ({"password": "p", "auth": ["USER", "APOP"]}, ["+LOGIN", "+APOP"]),
}


@pytest.mark.parametrize(("given", "order"), ORDERS.values(), ids=ORDERS)
def test_order(given, order):
    """The caller's order, else the strongest first, of what the credentials fit."""
    attempts, error = try_all(ALL, **given)

    assert attempts == order
    assert list(error.tried) == order


def test_clear_ones_follow_within_tls():
    """Where nobody listens, the password may be shown to the server."""
    attempts, name = try_all(["CRAM-MD5", "PLAIN"], {"CRAM-MD5": WRONG}, password="p")

    assert (attempts, name) == (["CRAM-MD5", "PLAIN"], "PLAIN")


@pytest.mark.parametrize("refused", ["CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1", "+APOP"])
@pytest.mark.parametrize("clear", ["PLAIN", "LOGIN", "+LOGIN"])
@pytest.mark.parametrize("named", [False, True])
def test_password_is_not_shown_after_a_refusal_in_clear(refused, clear, named):
    """Else an attacker in the middle needs only to refuse what hides the password."""
    auth = {"auth": [refused, clear]} if named else {}
    attempts, error = try_all([refused, clear], encrypted=False, password="p", **auth)

    assert attempts == [refused]
    assert clear in error.not_tried
    assert "not encrypted" in str(error)


def test_clear_first_in_clear():
    """Where a clear mechanism is all that is offered or named, it is tried."""
    assert try_all(["PLAIN"], {}, encrypted=False, password="p") == (["PLAIN"], "PLAIN")


def test_limit():
    """Lockouts begin at five failures."""
    attempts, error = try_all(ALL, password="p")

    assert len(attempts) == MAX_ATTEMPTS
    assert error.not_tried["LOGIN"] == "4 attempts are enough for one connection"


def test_last_attempt_in_clear():
    """Where the password may not be shown, all four attempts hide it."""
    attempts, error = try_all(ALL, encrypted=False, password="p")

    assert attempts == ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "+APOP"]
    assert "not encrypted" in error.not_tried["PLAIN"]


def test_final_refusal():
    """After a refusal of the account nothing more is tried."""
    locked = Refusal("[AUTH] Account is locked", transient=True, final=True)
    attempts, error = try_all(["CRAM-MD5", "PLAIN"], {"CRAM-MD5": locked}, password="p")

    assert attempts == ["CRAM-MD5"]
    assert error.transient
    assert error.not_tried == {"PLAIN": "no other mechanism changes that refusal"}


def test_error_lists_all():
    """The error has each mechanism with the server's text, and the others with the reason."""
    _, error = try_all(["PLAIN", "GSSAPI", "XOAUTH2"], password="p")

    assert error.tried == {"PLAIN": "no"}
    assert list(error.not_tried) == ["XOAUTH2", "GSSAPI"]
    assert str(error) == (
        "login: PLAIN: no; not tried: XOAUTH2 (it needs oauth2_token), "
        "GSSAPI (not netmail's; auth='GSSAPI' alone leaves the login to libcurl); "
        "look at username, password and auth"
    )


def test_server_that_closes_after_a_refusal():
    """No second connection is made; the refusal before is in the error."""
    refusals = {"CRAM-MD5": WRONG, "PLAIN": ConnectionLost("it closed")}
    attempts, error = try_all(["CRAM-MD5", "PLAIN", "LOGIN"], refusals, password="p")

    assert attempts == ["CRAM-MD5", "PLAIN"]
    assert error.tried == {"CRAM-MD5": "no", "PLAIN": "it closed"}
    assert list(error.not_tried) == ["LOGIN"]


def test_server_that_has_closed_before_the_next_attempt():
    """No credential is sent to a server that has announced that it closes."""
    calls = iter([None, ConnectionLost("BYE")])

    def settle():
        if (lost := next(calls)) is not None:
            raise lost

    attempts, error = try_all(["CRAM-MD5", "PLAIN"], settle=settle, password="p")

    assert attempts == ["CRAM-MD5"]
    assert error.tried["PLAIN"] == "BYE"


@pytest.mark.parametrize("kind", [ConnectionLost, MailTimeout])
def test_connection_that_fails(kind):
    """What ends the connection has the phase of the login."""
    with pytest.raises(kind) as caught:
        try_all(["PLAIN"], {"PLAIN": kind("late")}, password="p")

    assert caught.value.phase is Phase.LOGIN


NOTHING = {
    "no login": ([], {}, "the server offers no login"),
    "named": (["PLAIN"], {"auth": "SCRAM-SHA-1"}, r"offers PLAIN; auth asks for \['SCRAM-SHA-1'\]"),
    "libcurl's": (["DIGEST-MD5"], {}, "auth='DIGEST-MD5' alone"),
    "libcurl's for another": (
        ["GSSAPI"],
        {"auth": "GSSAPI", "username": None, "password": None, "authzid": "bob"},
        "no place for authzid",
    ),
    "unknown": (["PLAIN"], {"auth": ["DIGEST-MD5", "NTLM"]}, "DIGEST-MD5 .not offered"),
}


@pytest.mark.parametrize(("offered", "given", "text"), NOTHING.values(), ids=NOTHING)
def test_nothing_can_be_tried(offered, given, text):
    """No credential leaves, and the error says why."""
    attempts, error = try_all(offered, **{"password": "p", **given})

    assert attempts == []
    with pytest.raises(AuthenticationError, match=text):
        raise error


@pytest.mark.parametrize(
    ("protocol", "auth", "left"),
    [
        ("smtp", "DIGEST-MD5", True),
        ("imap", "GSSAPI", True),
        ("pop3", "NTLM", True),
        ("smtp", "+LOGIN", True),
        ("imap", "+APOP", True),
        ("imap", "+LOGIN", False),
        ("pop3", "+APOP", False),
        ("pop3", "USER", False),
        ("imap", "PLAIN", False),
        ("imap", ["DIGEST-MD5", "PLAIN"], False),
        ("imap", None, False),
    ],
    ids=str,
)
def test_left_to_libcurl(protocol, auth, left):
    """Only a single mechanism that netmail does not know."""
    given = {} if auth == "GSSAPI" else {"username": "u", "password": "p"}
    options = parse_options(MailProtocol(protocol), auth=auth, **given)

    assert left_to_libcurl(options) is left
