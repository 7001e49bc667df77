"""The wire log: complete, readable, and without a secret in every mechanism of every protocol."""

import base64
import logging
import sys
import traceback

import pytest

from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.curl.wire_log import SHOWN, WireLog
from netmail.errors import AuthenticationError, NetmailError
from netmail.options.options import TLS_NONE
from servers.scripted import Expect, Reply, Send

PASSWORD = "builder"
SECRETS = (
    PASSWORD,
    base64.b64encode(PASSWORD.encode()).decode(),
    base64.b64encode(f"\0bob\0{PASSWORD}".encode()).decode(),
    base64.b64encode(f"bob\0bob\0{PASSWORD}".encode()).decode(),
)
TOKEN = "ya29.t0ken"
CLIENTS = {"pop3": POP3, "imap": Imap, "smtp": Transport}
LOGINS = {
    # One mechanism, named.
    "pop3": ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "APOP", "USER"],
    "imap": ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "+LOGIN"],
    "smtp": ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"],
}
OURS = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5"]
CASES = [
    *((protocol, name) for protocol, names in LOGINS.items() for name in names),
    *((protocol, [name, "EXTERNAL"]) for protocol in LOGINS for name in OURS),
    ("pop3", ["EXTERNAL", "APOP"]),
    ("pop3", ["EXTERNAL", "USER"]),
]


@pytest.fixture
def log(caplog):
    """The logger `netmail.wire`, listening."""
    caplog.set_level(logging.DEBUG, "netmail.wire")
    return lambda: "\n".join(record.getMessage() for record in caplog.records)


@pytest.fixture
def shown(log, capfd):
    """Everything that was logged and printed so far."""
    return lambda: log() + capfd.readouterr().err


@pytest.fixture
def client(dovecot, postfix):
    """Make a client that logs in as bob at a real server, in clear, and prints the lines."""

    def make(protocol, **options):
        server, port = (
            (postfix, postfix.ports.smtp)
            if protocol == "smtp"
            else (dovecot, getattr(dovecot.ports, protocol))
        )
        given = {"host": server.host, "port": port, "username": "bob", "password": PASSWORD,
                 "tls": TLS_NONE, "debug": True, "timeout": 10_000}  # fmt: skip
        return CLIENTS[protocol](**{**given, **options})

    return make


def hidden(*texts):
    """List the secrets that are in any of the texts."""
    return [secret for secret in SECRETS if any(secret in text for text in texts)]


@pytest.mark.parametrize(("protocol", "auth"), CASES, ids=str)
def test_mechanism(client, log, capfd, protocol, auth):
    """The login works, its secrets are neither printed nor logged, all else is both."""
    session = client(protocol, auth=auth)
    session.connect()
    session.quit()
    printed = capfd.readouterr().err

    assert hidden(printed, log()) == []
    assert "***" in printed
    assert "C: QUIT" in printed or "LOGOUT" in printed
    assert [line for line in printed.splitlines() if line in log()] == printed.splitlines()


@pytest.mark.parametrize(
    ("protocol", "auth"),
    [
        *((protocol, auth) for protocol in CLIENTS for auth in (None, ["PLAIN", "EXTERNAL"])),
        ("pop3", ["LOGIN", "EXTERNAL"]),
        ("pop3", ["SCRAM-SHA-256", "EXTERNAL"]),
        ("pop3", "APOP"),
        ("pop3", ["EXTERNAL", "APOP"]),
        ("pop3", "USER"),
    ],
    ids=str,
)
def test_refused_login(client, shown, protocol, auth):
    """A wrong password is nowhere: not in the log, the error, a trace with variables, a repr."""
    session = client(protocol, password="opensesame", auth=auth)
    with pytest.raises(AuthenticationError) as caught:
        session.connect()
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    trace = "".join(frames.format())
    seen = (shown(), str(caught.value), repr(session), repr(session.options), trace)
    blobs = [base64.b64encode(text).decode() for text in (b"opensesame", b"\0bob\0opensesame")]

    assert [text for text in seen for secret in ("opensesame", *blobs) if secret in text] == []


@pytest.mark.parametrize("proxy", ["tinyproxy", "microsocks"])
def test_proxy_password(client, log, capfd, request, proxy):
    """The proxy's password is not shown, in clear or in base64."""
    server = request.getfixturevalue(proxy)
    session = client("pop3", proxy=server.url())
    session.connect()
    session.abort()
    printed = capfd.readouterr().err
    user = server.user
    blob = base64.b64encode(f"{user.name}:{user.password}".encode()).decode()

    assert [s for s in (user.password, blob) if s in printed + log() + repr(session)] == []
    assert hidden(printed, log()) == []


@pytest.mark.parametrize(
    ("auth", "steps"),
    [
        ("XOAUTH2", [Expect(b"AUTH XOAUTH2 .+"), Send(b"+OK\r\n")]),
        ("OAUTHBEARER", [Expect(b"AUTH OAUTHBEARER .+"), Send(b"+OK\r\n")]),
        (["XOAUTH2", "PLAIN"], [Expect(b"AUTH XOAUTH2 .*"), Send(b"+OK\r\n")]),
        (["OAUTHBEARER", "PLAIN"], [Expect(b"AUTH OAUTHBEARER .*"), Send(b"+OK\r\n")]),
    ],
    ids=str,
)
@pytest.mark.parametrize("token", [TOKEN, lambda: TOKEN], ids=["string", "callable"])
def test_token(scripted, shown, auth, steps, token):
    """A token is not shown, whatever it comes from."""
    capa = b"+OK\r\nSASL XOAUTH2 OAUTHBEARER\r\n.\r\n"
    server = scripted(Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(capa), *steps)
    session = POP3(host="127.0.0.1", port=server.port, username="bob", oauth2_token=token,
                   tls=0, debug=True, auth=auth, timeout=5000)  # fmt: skip
    session.connect()
    session.abort()
    blobs = [word.decode() for word in server.join().split() if len(word) > 20]
    seen = shown()

    assert blobs
    assert [blob for blob in (*blobs, TOKEN) if blob in seen] == []


@pytest.mark.parametrize(
    ("protocol", "options", "steps"),
    [
        (
            "pop3",
            {},
            [
                Send(b"+OK hi\r\n"),
                Expect(b"CAPA"),
                Send(b"-ERR\r\n"),
                Expect(b"USER bob"),
                Send(b"+OK\r\n"),
                Expect(b"(.*)"),
                Reply(rb"-ERR unknown command \1\r\n"),
            ],
        ),
        (
            "pop3",
            {"auth": ["SCRAM-SHA-1", "PLAIN"]},
            [
                Send(b"+OK hi\r\n"),
                Expect(b"CAPA"),
                Send(b"+OK\r\nSASL PLAIN\r\n.\r\n"),
                Expect(b"(.*)"),
                Reply(rb"-ERR unknown command \1\r\n"),
            ],
        ),
        (
            "smtp",
            {"auth": "PLAIN"},
            [
                Send(b"220 hi\r\n"),
                Expect(b"EHLO .*"),
                Send(b"250-me\r\n250 AUTH PLAIN\r\n"),
                Expect(b"AUTH PLAIN (.*)"),
                Reply(rb"502 unknown command \1\r\n"),
            ],
        ),
        (
            "imap",
            {},
            [
                Send(b"* OK hi\r\n"),
                Expect(b"(.*) CAPABILITY"),
                Reply(rb"* CAPABILITY IMAP4rev1\r\n\1 OK\r\n"),
                Expect(rb"(\S+) (.*)"),
                Reply(rb"\1 BAD unknown command \2\r\n"),
            ],
        ),
    ],
    ids=["pop3-user", "pop3-sasl", "smtp", "imap"],
)
def test_server_repeats_what_it_heard(scripted, shown, protocol, options, steps):
    """A server that puts the secret into its refusal does not put it into our log or error."""
    server = scripted(*steps)
    session = CLIENTS[protocol](host="127.0.0.1", port=server.port, username="bob",
                                password=PASSWORD, tls=0, debug=True, timeout=5000,
                                **options)  # fmt: skip
    with pytest.raises(NetmailError, match="unknown command") as caught:
        session.connect()
    server.join()

    assert hidden(shown(), str(caught.value)) == []


def test_program_without_standard_error(monkeypatch, log):
    """A windowed program has none: only the logger gets the lines."""
    monkeypatch.setattr(sys, "stderr", None)
    WireLog(debug=True).sent(b"NOOP\r\n")

    assert log() == "C: NOOP"


def test_content_is_no_secret(log):
    """The last word of a message that is not shown stays in the replies that repeat it."""
    tap = WireLog(debug=False)
    tap.sent(b"it has failed", b"(13 octets of content)\r\n")
    tap.received(b"554 it has failed\r\n")

    assert tap.redact("failed") == "failed"
    assert log().splitlines() == ["C: (13 octets of content)", "S: 554 it has failed"]


# -- how it reads -----------------------------------------------------------------------------


def test_lines_of_both_sides(log):
    """The lines of both sides in order, each with its side."""
    tap = WireLog(debug=False)
    tap.log_handshake("S", b"+OK hi\r\n")
    tap.sent(b"LIST\r\n")
    tap.received(b"+OK\r\n1 5\r\n.\r\n")
    tap.note("Trying 127.0.0.1")

    assert log().splitlines() == [
        "S: +OK hi",
        "C: LIST",
        "S: +OK",
        "S: 1 5",
        "S: .",
        "*: Trying 127.0.0.1",
    ]


def test_long_lines_are_cut(log):
    """Bodies are not what a protocol log is read for."""
    WireLog(debug=False).received(b"x" * 5000)

    assert log() == f"S: {'x' * SHOWN}... (5000 octets)"


def test_secret_across_the_cut_is_hidden(log):
    """A secret is taken out before a line is cut."""
    tap = WireLog(debug=False, secrets=[b"opensesame"])
    tap.received(b"x" * (SHOWN - 5) + b"opensesame" + b"y" * 50)

    assert "opens" not in log()


@pytest.mark.parametrize("cut", range(1, 10))
def test_secret_in_two_segments_is_hidden(log, cut):
    """The beginning of a secret is held back until its end has come."""
    tap = WireLog(debug=False, secrets=[b"opensesame"])
    tap.received(b"-ERR what is " + b"opensesame"[:cut])
    tap.received(b"opensesame"[cut:] + b" for?\r\n")

    assert log().splitlines() == ["S: -ERR what is ", "S: *** for?"]


def test_beginning_of_a_secret_is_logged_at_the_end(log):
    """What was held back is not lost, and not shown."""
    tap = WireLog(debug=False, secrets=[b"opensesame"])
    tap.received(b"opens")
    tap.flush()
    tap.flush()

    assert log() == "S: ***"


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        (b"a\nC: DELE 1", "S: a\\x0aC: DELE 1"),
        (b"\x1b[2J", "S: \\x1b[2J"),
        (b"a\rb", "S: a\\x0db"),
        (b"\xff", "S: \\xff"),
        ("ü\t".encode(), "S: ü\t"),
    ],
    ids=["line-feed", "escape", "return", "binary", "text"],
)
def test_server_cannot_write_lines_of_its_own(log, octets, shown):
    """Control characters of a server neither forge a line nor move a terminal's cursor."""
    WireLog(debug=False).received(octets)

    assert log() == shown


def test_dial_keeps_lines_though_nobody_listens():
    """The greeting and the capabilities are kept with the log switched off."""
    tap = WireLog(debug=False)
    tap.log_handshake("S", b"+OK hi\r\n")
    tap.log_handshake("C", b"PASS opensesame\r\n")

    assert tap.lines == [("S", b"+OK hi"), ("C", b"PASS ***")]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (b"PASS a b c", b"PASS ***"),
        (b"pass x", b"pass ***"),
        (b"APOP ann c4c9334bac560ecc979e58001b3e22fb", b"APOP ***"),
        (b"AUTH PLAIN AHRpbQ==", b"AUTH PLAIN ***"),
        (b"A001 AUTHENTICATE PLAIN AHRpbQ==", b"A001 AUTHENTICATE PLAIN ***"),
        (b'A002 LOGIN ann "se cret"', b"A002 LOGIN ***"),
        (b"Proxy-Authorization: Basic dGlueTpw", b"Proxy-Authorization: Basic ***"),
        (b"USER ann", b"USER ann"),
        (b"STLS", b"STLS"),
        (b"EHLO me", b"EHLO me"),
    ],
)
def test_redacted_lines(line, kept):
    """What carries credentials is known by its command."""
    tap = WireLog(debug=False)
    tap.log_handshake("C", line + b"\r\n")

    assert tap.lines == [("C", kept)]


def test_lines_between_challenge_and_reply_are_secret():
    """Each response to a challenge is hidden, and nothing after the server's last reply."""
    tap = WireLog(debug=False)
    for who, line in [("C", b"AUTH LOGIN"), ("S", b"334 VXNlcm5hbWU6"), ("C", b"dGlt"),
                      ("S", b"334 UGFzc3dvcmQ6"), ("C", b"dGFu"), ("S", b"235 in"),
                      ("C", b"NOOP")]:  # fmt: skip
        tap.log_handshake(who, line + b"\r\n")

    assert [line for who, line in tap.lines if who == "C"] == [
        b"AUTH LOGIN ***",
        b"***",
        b"***",
        b"NOOP",
    ]
