"""IMAP connections that fail on demand, and logins with bearer tokens."""

import base64
import imaplib

import pytest

ANN = "ann@example.test"
MESSAGE = b"Subject: x\r\n\r\nbody\r\n"


def test_login_refused(server, login, connect):
    """The right password is refused, by AUTHENTICATE and by LOGIN; another user's is not."""
    server.fail(login=ANN, protocol="imap")
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        login(server, "imap")
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        connect(server, "imap").login(ANN, server.users[ANN])

    login(server, "imap", "bob")


def test_temporary_login_failure(server, login):
    """A code of 4xx is UNAVAILABLE (RFC 5530), once."""
    server.fail(login="*", code=454, times=1, text="Try again")
    with pytest.raises(imaplib.IMAP4.error, match=r"\[UNAVAILABLE\] Try again"):
        login(server, "imap")

    login(server, "imap")


@pytest.mark.parametrize("command", ["APPEND", "COPY", "MOVE"])
def test_full_mailbox(server, login, command):
    """OVERQUOTA, and nothing is stored; the line is usable, and `reset()` ends it."""
    server.deliver(MESSAGE)
    imap = login(server, "imap")
    imap.select()
    server.fail(full=ANN)
    commands = {
        "APPEND": lambda: imap.append("INBOX", None, None, MESSAGE),
        "COPY": lambda: imap.uid("COPY", "101", "INBOX"),
        "MOVE": lambda: imap.uid("MOVE", "101", "INBOX"),
    }
    refused = commands[command]()
    server.reset()

    assert refused == ("NO", [b"[OVERQUOTA] Mailbox full"])
    assert len(server.messages()) == 1
    assert commands[command]()[0] == "OK"


@pytest.mark.parametrize("command", ["FETCH", "UID FETCH"])
def test_command_refused(server, login, command):
    """A command by its name; one by UID also by the name without."""
    imap = login(server, "imap")
    imap.select()
    server.fail(command=command.lower(), protocol="imap", code=502, text="Not today")

    assert imap.uid("FETCH", "1:*", "(FLAGS)") == ("NO", [b"[CANNOT] Not today"])
    assert imap.noop()[0] == "OK"


def test_command_dropped(any_server, login):
    """The connection ends without BYE."""
    imap = login(any_server, "imap")
    any_server.fail(command="SELECT", drop=True)
    with pytest.raises((imaplib.IMAP4.abort, OSError)) as caught:
        imap.select()

    assert "BYE" not in str(caught.value)


def test_reply_and_drop(server, login):
    """With a code the connection ends with BYE and NO."""
    imap = login(server, "imap")
    server.fail(command="SELECT", code=421, text="Maintenance")
    imap.send(b"x SELECT INBOX\r\n")

    assert imap.readline() == b"* BYE Maintenance\r\n"
    assert imap.readline() == b"x NO [UNAVAILABLE] Maintenance\r\n"
    assert imap.readline() == b""


def test_close_of_a_mailbox_that_is_read(server, login):
    """CLOSE after EXAMINE succeeds, and removes nothing."""
    server.deliver(MESSAGE)
    imap = login(server, "imap")
    imap.select()
    imap.store("1", "+FLAGS", "\\Deleted")
    imap.select(readonly=True)

    assert imap.close()[0] == "OK"
    assert imap.select() == ("OK", [b"1"])


@pytest.mark.parametrize(("asked", "named"), [("", b"BINARY[1]"), ("<2.3>", b"BINARY[1]<2>")])
def test_binary_peek(server, login, asked, named):
    """BINARY.PEEK is BINARY in the response, and sets no flag (RFC 3516 section 4.2)."""
    server.deliver(b"Content-Transfer-Encoding: base64\r\n\r\nAGFiY2RlZg==\r\n")
    imap = login(server, "imap")
    imap.select()
    _, found = imap.fetch("1", f"(BINARY.PEEK[1]{asked} FLAGS)")

    assert found[0][0].startswith(b"1 (" + named + b" ~{")
    assert found[0][1] == (b"bcd" if asked else b"\0abcdef")
    assert b"Seen" not in found[1]


def test_connect(server, connect):
    """BYE for a greeting; dropped, there is none."""
    server.fail(connect="imap", text="Too busy", times=1)
    server.fail(connect="imap", drop=True, after=0, times=1)
    with pytest.raises(imaplib.IMAP4.error, match="Too busy"):
        connect(server, "imap")
    with pytest.raises((imaplib.IMAP4.error, OSError)):
        connect(server, "imap")
    connect(server, "imap")


@pytest.mark.parametrize(
    ("mechanism", "response"),
    [
        ("XOAUTH2", "user=bob\1auth=Bearer {}\1\1"),
        ("OAUTHBEARER", "n,a=bob,\1host=localhost\1port=143\1auth=Bearer {}\1\1"),
    ],
)
def test_bearer_tokens(any_server, connect, mechanism, response):
    """The token logs in, the password does not, and the error precedes the refusal."""
    challenges = []

    def wrong(challenge):
        challenges.append(challenge)
        return response.format("other").encode() if len(challenges) == 1 else b"\1"

    imap = connect(any_server, "imap")
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        imap.authenticate(mechanism, wrong)
    right = response.format(any_server.tokens["bob"]).encode()

    assert b'"status":"401"' in challenges[1]
    assert f"AUTH={mechanism}" in imap.capabilities
    assert imap.authenticate(mechanism, lambda _: right)[0] == "OK"
    assert imap.select() == ("OK", [b"0"])


@pytest.mark.parametrize("sent", [b"*", base64.b64encode(b"user=bob"), b"\xff"])
def test_no_token(server, connect, sent):
    """What is no token is refused, and the connection is usable."""
    imap = connect(server, "imap")
    imap.send(b"x AUTHENTICATE XOAUTH2\r\n")
    imap.readline()
    imap.send(sent + b"\r\n")

    assert imap.readline().startswith(b"x BAD ")
    assert imap.noop()[0] == "OK"


def test_authenticate_as_a_command(server, login):
    """AUTHENTICATE is refused before the exchange."""
    rule = server.fail(command="AUTHENTICATE", protocol="imap")
    with pytest.raises(imaplib.IMAP4.error, match="UNAVAILABLE"):
        login(server, "imap")

    assert rule.hits == 1
