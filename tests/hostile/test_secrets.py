"""A server that repeats every secret in every text: none is shown, wherever one looks."""

import base64
import logging
import re
import traceback

import pytest

from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.errors import NetmailError, UsageError
from servers.scripted import Close, Expect, Reply, Send

MARK = "Mk7-planted-Zq9"
ENCODED = [base64.b64encode(MARK.encode()).decode().rstrip("=")]
SMTP = (Send(b"220 hi\r\n"), Expect(rb"EHLO .*"))
POP3_CAPA = (Send(b"+OK hi\r\n"), Expect(rb"CAPA"))
IMAP = (Send(b"* OK hi\r\n"), Expect(rb"(\S+) CAPABILITY"))
MECHANISMS = ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"]
NAMED = {"alone": False, "with others": True}


def script(protocol, mechanism, *, inline):
    """A server that refuses the login, and repeats it."""
    name = mechanism.encode()
    bare = mechanism == "LOGIN"
    auth = Expect(rb"(?:\S+ )?AUTH(?:ENTICATE)? " + name + rb"(?: (.+))?")
    steps = {
        "smtp": (*SMTP, Send(b"250-x\r\n250 AUTH " + name + b"\r\n"), auth, Send(b"334 \r\n")),
        "pop3": (*POP3_CAPA, Send(b"+OK\r\nSASL " + name + b"\r\n.\r\n"), auth, Send(b"+ \r\n")),
        "imap": (
            *(*IMAP, Reply(rb"* CAPABILITY IMAP4rev1 AUTH=" + name + rb"\r\n\1 OK x\r\n")),
            *(auth, Send(b"+ \r\n")),
        ),
    }[protocol]
    refusal = {"smtp": b"535 ", "pop3": b"-ERR ", "imap": b"* BYE "}[protocol]
    again = (
        Expect(rb"(.+)"),
        Send({"smtp": b"334 ", "pop3": b"+ ", "imap": b"+ "}[protocol] + b"\r\n"),
    )
    split = (Send(refusal + MARK[:7].encode()), Send(MARK[7:].encode()))
    if inline:
        return (*steps[:-1], *split, Reply(rb" \1\r\n"), Close())
    wait = (Expect(rb"(.+)"),)
    return (*steps, *(again if bare else ()), *wait, *split, Reply(rb" \1\r\n"), Close())


def frames_of(error):
    """Return what each frame of an error's tracebacks holds, causes and contexts included."""
    while error is not None:
        for frame, line in traceback.walk_tb(error.__traceback__):
            if "/netmail/" in frame.f_code.co_filename:  # a test's own frame has the secret
                yield f"{frame.f_code.co_qualname}, {line}: {frame.f_locals!r}"
        yield repr(error)
        yield from map(repr, error.args)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("several", NAMED.values(), ids=NAMED)
@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("kind", [Transport, POP3, Imap])
def test_login_that_is_repeated(scripted, caplog, capfd, kind, mechanism, several):  # noqa: PLR0917
    """Neither errors with their causes and frames nor logs nor events show a secret."""
    caplog.set_level(logging.DEBUG, "netmail")
    protocol = {Transport: "smtp", POP3: "pop3", Imap: "imap"}[kind]
    # Without SASL-IR the initial response waits for a challenge.
    inline = mechanism != "LOGIN" and kind is not Imap
    server, events = scripted(*script(protocol, mechanism, inline=inline)), []
    oauth = mechanism in {"XOAUTH2", "OAUTHBEARER"}
    secret = {"oauth2_token": lambda: MARK} if oauth else {"password": MARK}
    auth = [mechanism, "EXTERNAL"] if several else mechanism
    client = kind(
        host="127.0.0.1", port=server.port, tls=0, username="ann", auth=auth, timeout=3000,
        debug=True, on_event=events.append, **secret,
    )  # fmt: skip
    with pytest.raises(NetmailError) as caught:
        client.connect()
    shown = [*frames_of(caught.value), *map(repr, events), *map(str, events), repr(client)]
    shown += [record.getMessage() for record in caplog.records]
    shown.append(capfd.readouterr().err)

    assert caught.value.args
    for form in (MARK, *ENCODED, MARK[:7], MARK[7:]):
        assert not [text for text in shown if form in text], form
    client.abort()


@pytest.mark.parametrize("separator", ["\t", "  ", " \t", "\x0b", "\xa0"])
@pytest.mark.parametrize(
    ("kind", "verb", "hello"),
    [
        (Transport, "AUTH", (*SMTP, Send(b"250 x\r\n"))),
        (POP3, "AUTH", (*POP3_CAPA, Send(b"+OK\r\n.\r\n"))),
        (POP3, "PASS", (*POP3_CAPA, Send(b"+OK\r\n.\r\n"))),
        (Imap, "AUTHENTICATE", (*IMAP, Reply(rb"* CAPABILITY IMAP4rev1\r\n\1 OK x\r\n"))),
        (Imap, "LOGIN", (*IMAP, Reply(rb"* CAPABILITY IMAP4rev1\r\n\1 OK x\r\n"))),
    ],
    ids=["smtp", "pop3", "pop3 pass", "imap", "imap login"],
)
def test_login_by_exec(scripted, kind, verb, hello, separator):
    """A login by exec() is refused whatever ends its verb; the error does not repeat it."""
    server = scripted(*hello)
    client = kind(host="127.0.0.1", port=server.port, tls=0, timeout=3000)
    with pytest.raises(UsageError) as caught:
        client.exec(f"{verb}{separator}PLAIN {MARK}")
    client.abort()

    assert MARK not in str(caught.value)
    assert not re.search(rb"AUTH|PASS|LOGIN", server.join())
