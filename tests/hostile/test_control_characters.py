"""A server that writes control characters into every text: what is shown of it is harmless."""

import logging
import traceback

import pytest

from netmail import Message
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.errors import NetmailError
from servers.scripted import Close, Expect, Reply, Send

TEXT = "MARK\x1b[2J\x07\x7f\x85\x9b2J\u2028\u2029\u202e\u2066\ufeff"
PLANTED = TEXT.encode() + b"\xff\xed\xa0\x80"
FORBIDDEN = frozenset("\x1b\x07\x7f\x85\x9b\u2028\u2029\u202e\u2066\ufeff\udcff\ud800\udced")
SMTP = (Send(b"220 hi\r\n"), Expect(rb"EHLO .*"), Send(b"250-x\r\n250 AUTH PLAIN\r\n"))
SMTP_IN = (*SMTP, Expect(b"AUTH PLAIN .+"), Send(b"235 in\r\n"))
POP3_CAPA = (Send(b"+OK hi\r\n"), Expect(b"CAPA"), Send(b"+OK\r\nUSER\r\nTOP\r\n.\r\n"))
POP3_USER = (*POP3_CAPA, Expect(rb"USER ann"), Send(b"+OK\r\n"), Expect(rb"PASS .*"))
POP3_IN = (*POP3_USER, Send(b"+OK in\r\n"))
IMAP = (Send(b"* OK hi\r\n"), Expect(rb"(\S+) CAPABILITY"))
CAPABILITY = rb"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n\1 OK done\r\n"
IMAP_AUTH = (*IMAP, Reply(CAPABILITY), Expect(rb"(\S+) AUTHENTICATE PLAIN .*"))
IMAP_IN = (*IMAP_AUTH, Reply(rb"\1 OK in\r\n"), Expect(rb"(\S+) CAPABILITY"), Reply(CAPABILITY))
NOOP = Expect(rb"(\S+) NOOP")
# In a template of Reply a backslash would begin a group; the planted text has none.
SMTP_SCRIPTS = {
    "greeting": (Send(b"554 " + PLANTED + b"\r\n"),),
    "EHLO": (Send(b"220 hi\r\n"), Expect(rb"EHLO .*"), Send(b"550 " + PLANTED + b"\r\n"), Close()),
    "login": (*SMTP, Expect(b"AUTH PLAIN .+"), Send(b"535 " + PLANTED + b"\r\n")),
    "challenge": (*SMTP, Expect(b"AUTH PLAIN .+"), Send(b"334 " + PLANTED + b"\r\n"), Close()),
    "refusal": (*SMTP_IN, Expect(rb"MAIL .*"), Send(b"550-" + PLANTED + b"\r\n550 x\r\n")),
    "421": (*SMTP_IN, Expect(rb"MAIL .*"), Send(b"421 " + PLANTED + b"\r\n"), Close()),
    "junk": (*SMTP_IN, Expect(rb"MAIL .*"), Send(PLANTED + b"\r\n")),
    "RCPT": (
        *SMTP_IN,
        *(Expect(rb"MAIL .*"), Send(b"250 ok\r\n"), Expect(rb"RCPT .*")),
        Send(b"550 5.1.1 " + PLANTED + b"\r\n"),
        *(Expect(rb"RSET"), Send(b"250 " + PLANTED + b"\r\n")),
    ),
}
POP3_SCRIPTS = {
    "greeting": (Send(b"-ERR " + PLANTED + b"\r\n"),),
    "login": (*POP3_USER, Send(b"-ERR [AUTH] " + PLANTED + b"\r\n")),
    "refusal": (*POP3_IN, Expect(b"STAT"), Send(b"-ERR [" + PLANTED + b"] x\r\n")),
    "text": (*POP3_IN, Expect(b"STAT"), Send(b"-ERR " + PLANTED + b"\r\n")),
    "junk": (*POP3_IN, Expect(b"STAT"), Send(PLANTED + b"\r\n")),
    "end": (*POP3_IN, Expect(b"STAT"), Send(PLANTED), Close()),
}
IMAP_SCRIPTS = {
    "greeting": (Send(b"* BYE " + PLANTED + b"\r\n"), Close()),
    "login": (*IMAP_AUTH, Reply(rb"\1 NO [" + b"CODE] " + PLANTED + b"\r\n")),
    "code": (*IMAP_AUTH, Reply(rb"\1 NO [" + PLANTED + b"] x\r\n")),
    "refusal": (*IMAP_IN, NOOP, Reply(rb"\1 NO [X " + PLANTED + b"] " + PLANTED + b"\r\n")),
    "BAD": (*IMAP_IN, NOOP, Reply(rb"\1 BAD " + PLANTED + b"\r\n")),
    "alert": (*IMAP_IN, NOOP, Reply(b"* OK [ALERT] " + PLANTED + rb"\r\n\1 NO x" + b"\r\n")),
    "BYE": (*IMAP_IN, NOOP, Send(b"* BYE " + PLANTED + b"\r\n"), Close()),
    "junk": (*IMAP_IN, NOOP, Send(b"+" + PLANTED + b"\r\n* " + PLANTED + b"\r\n"), Close()),
    "other tag": (*IMAP_IN, NOOP, Send(PLANTED + b" OK\r\n" + PLANTED + b"\r\n"), Close()),
}
SCRIPTS = [
    *(("smtp", Transport, name, steps) for name, steps in SMTP_SCRIPTS.items()),
    *(("pop3", POP3, name, steps) for name, steps in POP3_SCRIPTS.items()),
    *(("imap", Imap, name, steps) for name, steps in IMAP_SCRIPTS.items()),
]


def run(client):
    """Do one thing with a client; return what a program would print of it."""
    if isinstance(client, Transport):
        client.add_message(Message("a@x.example", "b@x.example", "s", "t"))
        report = client.send()
        return [str(report), *map(str, report.to_dict().values()), *map(str, report.results)]
    if isinstance(client, POP3):
        client.stat()
    else:
        client.noop()
    return []


def texts_of(error):
    """Return everything that an error shows, its causes included."""
    while error is not None:
        yield str(error)
        yield repr(error)
        yield getattr(error, "text", "")
        yield getattr(error, "code", "") or ""
        yield "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    ("kind", "steps"),
    [pytest.param(kind, steps, id=f"{p} {name}") for p, kind, name, steps in SCRIPTS],
)
def test_what_is_shown_is_printable(scripted, caplog, capfd, kind, steps):
    """Errors, reports, both logs, events and alerts show the text and obey none of it."""
    caplog.set_level(logging.DEBUG, "netmail")
    server, events, shown = scripted(*steps), [], []
    client = kind(
        host="127.0.0.1",
        port=server.port,
        tls=0,
        username="ann",
        password="s3cret-word",
        timeout=3000,
        debug=True,
        on_event=events.append,
    )
    try:
        shown += run(client)
    except NetmailError as error:
        shown += map(str, texts_of(error))
    finally:
        client.abort()
    shown += getattr(client, "alerts", ())
    shown += map(str, events)
    shown += (text for event in events for text in texts_of(getattr(event, "error", None)))
    shown += (event.text for event in events if hasattr(event, "text"))
    shown += (record.getMessage() for record in caplog.records)
    shown.append(capfd.readouterr().err)

    assert any("MARK" in text for text in shown)
    for text in shown:
        assert FORBIDDEN.isdisjoint(text), text
        text.encode("utf-8")
