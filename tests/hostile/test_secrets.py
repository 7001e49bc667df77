"""A server that repeats every secret in every text: none is shown, wherever one looks."""

import base64
import logging
import re
import traceback

import pytest

from netmail import message
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.errors import NetmailError, UsageError
from netmail.secret import Secret
from netmail.wire import sasl
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
    shown = shown_by(caplog, capfd, events, client, caught.value)

    assert caught.value.args
    for form in (MARK, *ENCODED, MARK[:7], MARK[7:]):
        assert not [text for text in shown if form in text], form
    client.abort()


def shown_by(caplog, capfd, events, client, error):
    """Everything that a program, a log or a tracker of errors can see."""
    shown = [*frames_of(error), *map(repr, events), *map(str, events), repr(client)]
    shown += [record.getMessage() for record in caplog.records]
    return [*shown, capfd.readouterr().err]


DIGESTS = {
    "APOP": (
        POP3,
        (
            *(Send(b"+OK <1896.697170952@mail.example>\r\n"), Expect(rb"CAPA"), Send(b"-ERR\r\n")),
            *(Expect(rb"APOP ann ([0-9a-f]+)"), Reply(rb"-ERR \1 is wrong\r\n"), Close()),
        ),
    ),
    "CRAM-MD5": (
        Transport,
        (
            *(*SMTP, Send(b"250-x\r\n250 AUTH CRAM-MD5\r\n"), Expect(rb"AUTH CRAM-MD5")),
            *(Send(b"334 PDFAaD4=\r\n"), Expect(rb"(.+)"), Reply(rb"535 \1 is wrong\r\n"), Close()),
        ),
    ),
}


@pytest.mark.parametrize("mechanism", DIGESTS)
def test_digest_that_is_repeated(scripted, caplog, capfd, mechanism):
    """A digest helps to guess the password: it is not shown either."""
    caplog.set_level(logging.DEBUG, "netmail")
    kind, steps = DIGESTS[mechanism]
    server, events = scripted(*steps), []
    client = kind(host="127.0.0.1", port=server.port, tls=0, username="ann", password=MARK,
                  auth=mechanism, timeout=3000, debug=True, on_event=events.append)  # fmt: skip
    with pytest.raises(NetmailError) as caught:
        client.connect()
    shown = shown_by(caplog, capfd, events, client, caught.value)
    sent = server.join().split()[-1].decode()
    digest = sent if mechanism == "APOP" else base64.b64decode(sent).decode().split()[1]

    assert len(digest) == 32
    assert not [text for text in shown if digest in text or sent in text]


def test_scram_proof():
    """The frames of a failed SCRAM hold neither the client's proof nor the server's signature."""
    exchange = sasl.responses("SCRAM-SHA-256", sasl.Credentials("ann", Secret(MARK), nonce="abc"))
    next(exchange)
    final = exchange.send(b"r=abcdef,s=QSXCR+Q6sek8bf92,i=4096")
    proof = final.rpartition(b",p=")[2].decode()
    with pytest.raises(NetmailError) as caught:
        exchange.send(b"v=AAAA")
    shown = list(frames_of(caught.value))

    assert len(base64.b64decode(proof)) == 32
    assert not [text for text in shown if proof in text or MARK in text]


@pytest.mark.parametrize("token", [MARK, lambda: MARK], ids=["string", "callable"])
def test_alert_that_repeats_the_token(scripted, token):
    """Alerts are shown to users: they hold no secret, whatever it comes from."""
    events = []
    server = scripted(
        *(*IMAP, Reply(rb"* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2\r\n\1 OK x\r\n")),
        Expect(rb"(\S+) AUTHENTICATE XOAUTH2 (.+)"),
        Reply(
            rb"* OK [ALERT] do not use " + MARK.encode() + rb" again\r\n"
            rb"\1 OK [CAPABILITY IMAP4rev1] in\r\n"
        ),
    )
    client = Imap(host="127.0.0.1", port=server.port, tls=0, username="ann", oauth2_token=token,
                  timeout=3000, on_event=events.append)  # fmt: skip
    client.connect()
    client.abort()

    assert client.alerts == ["do not use *** again"]
    assert "do not use *** again" in repr(events)
    assert MARK not in repr(events)


def test_proxy_that_repeats_the_password(scripted, caplog, capfd):
    """The proxy's password is a secret like the server's."""
    caplog.set_level(logging.DEBUG, "netmail")
    head = [Expect(rb"CONNECT .*"), Expect(rb"Host: .*"), Expect(rb"Proxy-Authorization: (.+)")]
    reply = rb"HTTP/1.1 403 no \1 " + MARK.encode() + rb"\r\nContent-Length: 0\r\n\r\n"
    proxy, events = scripted(*head, Reply(reply), Close()), []
    client = Imap(host="mail.example", port=143, tls=0, proxy=f"http://127.0.0.1:{proxy.port}",
                  proxy_username="ann", proxy_password=MARK, timeout=3000, debug=True,
                  on_event=events.append)  # fmt: skip
    with pytest.raises(NetmailError) as caught:
        client.connect()
    shown = shown_by(caplog, capfd, events, client, caught.value)
    basic = base64.b64encode(b"ann:" + MARK.encode()).decode()

    assert basic.encode() in proxy.received
    assert not [text for text in shown if MARK in text or basic in text]


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


BROKEN = {
    "nonsense": MARK.encode() + b" what\r\n",
    "a wrong end": rb"\1 OK " + MARK.encode() + b"\r\n",
    "BYE": b"* BYE " + MARK.encode() + b"\r\n",
    "a refusal": rb"\1 NO " + MARK.encode() + b"\r\n",
}


@pytest.mark.parametrize("reply", BROKEN)
def test_failure_that_is_kept_in_a_result(scripted, caplog, capfd, reply):
    """A call that raises nothing keeps its failure, and the log has it: both without the secret."""
    caplog.set_level(logging.DEBUG, "netmail")
    server, events = (
        scripted(
            *(*IMAP, Reply(rb"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n\1 OK x\r\n")),
            *(
                Expect(rb"(\S+) AUTHENTICATE PLAIN .*"),
                Reply(rb"\1 OK [CAPABILITY IMAP4rev1] x\r\n"),
            ),
            *(Expect(rb"(\S+) APPEND .*"), Reply(BROKEN[reply]), Close()),
        ),
        [],
    )
    url = f"imap://ann:{MARK}@127.0.0.1:{server.port}"
    client = Imap(url, tls=0, timeout=2000, on_event=events.append)

    [pending] = client.append_many("INBOX", [b"a: b\r\n\r\n"])
    shown = shown_by(caplog, capfd, events, client, None)

    assert isinstance(pending.error, NetmailError)
    assert not [text for text in (*shown, repr(pending), repr(pending.error)) if MARK in text]
    client.abort()


REFUSALS = {
    "RCPT": (
        *(Expect(rb"MAIL.*"), Send(b"250 ok\r\n"), Expect(rb"RCPT.*")),
        *(Send(b"550 " + MARK.encode() + b"\r\n"), Expect(rb"RSET"), Send(b"250 ok\r\n")),
    ),
    "MAIL": (Expect(rb"MAIL.*"), Send(b"421 " + MARK.encode() + b"\r\n"), Close()),
    "DATA": (
        *(Expect(rb"MAIL.*"), Send(b"250 ok\r\n"), Expect(rb"RCPT.*"), Send(b"250 ok\r\n")),
        *(Expect(rb"DATA"), Send(b"554 " + MARK.encode() + b"\r\n")),
    ),
}


@pytest.mark.parametrize("command", REFUSALS)
def test_refusal_that_is_kept_in_a_report(scripted, caplog, capfd, command):
    """A report has what the server says, but not the secret in it."""
    caplog.set_level(logging.DEBUG, "netmail")
    login = (
        *(*SMTP, Send(b"250-x\r\n250 AUTH PLAIN\r\n")),
        *(Expect(rb"AUTH PLAIN .*"), Send(b"235 ok\r\n")),
    )
    server, events, results = scripted(*login, *REFUSALS[command]), [], []
    mail = message().from_("a@x.example").to("b@x.example").text("t")
    url = f"smtp://ann:{MARK}@127.0.0.1:{server.port}"
    client = Transport(url, tls=0, timeout=2000, on_event=events.append)

    report = client.send(mail, on_result=results.append)
    shown = shown_by(caplog, capfd, events, client, None)

    assert report.refused
    assert not [text for text in (*shown, repr(report), str(report), repr(results)) if MARK in text]
    client.abort()
