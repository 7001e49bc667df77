"""What an SMTP client must not be tricked into by its own caller: the known bugs of others.

Hostile are here the addresses, names and contents that a program passes on from strangers.
"""

import re

import pytest

from netmail import AsyncTransport, DeliveryOptions, Message, RecipientOptions, Transport
from netmail.envelope import Envelope
from netmail.errors import MessageError, UsageError
from netmail.flows.flow import RECEIVE, Send
from netmail.flows.smtp import batch
from netmail.options.options import TLS_NONE
from netmail.testing import MailServer
from support.smtp_batch import batch_of
from support.twins import maker

GOOD = "ann@example.test"

# -- one address, one path -----------------------------------------------------------------------

# Each of these was one address for the caller, and another one or a command for the server.
TRICKS = {
    "line end": "a@example.test\r\nRCPT TO:<evil@evil.test>",
    "line feed": "a@example.test\nRCPT TO:<evil@evil.test>",
    "carriage return": "a@example.test\rRCPT TO:<evil@evil.test>",
    "line end in quotes": '"a\r\nRCPT TO:<evil@evil.test>\r\n"@example.test',
    "escaped line end": '"a\\\r\\\nDATA"@example.test',
    "NUL": "a@example.test\0@evil.test",
    "line separator": "a@example.test\u2028RCPT TO:<evil@evil.test>",
    "next line": "a\x85@example.test",
    "parameter": "a@example.test> SIZE=1 X=<",
    "parameter, no bracket": "a@example.test ORCPT=rfc822;evil@evil.test",
    "parameter in quotes": '"a@example.test> ORCPT=evil@evil.test "@example.test',
    "address in quotes, closed": '"evil@evil.test>"@example.test',
    "comment": "a@example.test(evil@evil.test)",
    "comment in the middle": "a(@evil.test)@example.test",
    "comment that glues": "a@exa(x)mple.test",
    "closing parenthesis": "a@example.test)evil@evil.test",
    "two domains": "a@evil.test@example.test",
    "two domains, quoted half": '"a"@evil.test@example.test',
    "text before the quotes": 'x"a@evil.test"@example.test',
    "group": "staff:evil@evil.test;",
    "list": "a@example.test,evil@evil.test",
    "list by semicolon": "a@example.test;evil@evil.test",
    "display name": "a@example.test <evil@evil.test>",
    "source route": "@evil.test:a@example.test",
    "percent in the domain": "a@evil.test%example.test",
    "encoded word": "=?utf-8?q?evil=40evil.test=3e?= <a@example.test>",
    "encoded word in the domain": "a@=?utf-8?q?evil.test?=",
    "encoded quote": "=?x?q?=22evil=40evil.test=22=3E?=@example.test>",
    "full-width at": "a\uff20evil.test@example.test@",
    "full-width dot label": "a@evil\uff0etest\uff0f.example.test ",
    "no-break space": "a\xa0b@example.test",
    "direction mark": "a\u202e@example.test",
    "lone surrogate": "a\udc0a@example.test",
    "literal with a name": "a@[example.test]",
    "literal beyond 255": "a@[192.0.2.999]",
    "literal with an address": "a@[X:b@evil.test]",
    "empty quotes and a bracket": '""<evil@evil.test>',
    "unclosed quote": '"a@example.test',
    "empty": "",
}


def message():
    """A message that is in order."""
    return Envelope("ann@example.test", (GOOD,), b"Subject: s\r\n\r\nx\r\n")


ENTRANCES = {
    "recipient of an envelope": lambda c, a: c.send(Envelope(GOOD, (a,), b"\r\n")),
    "one of the recipients": lambda c, a: c.add_message(message(), recipients=[GOOD, a]),
    "recipients as one text": lambda c, a: c.add_message(message(), recipients=a),
    "sender": lambda c, a: c.add_message(message(), a or "@"),
    "sender of an envelope": lambda c, a: c.send(Envelope(a or "@", (GOOD,), b"\r\n")),
    "verify": lambda c, a: c.verify(f"{a}@" if "@" not in a else a),
    "auth": lambda c, a: c.add_message(message(), options=DeliveryOptions(auth=a or "@")),
    "options": lambda c, a: c.add_message(
        message(), options=DeliveryOptions(recipients={a: RecipientOptions(notify=["NEVER"])})
    ),
    "return path": lambda c, a: c.send(Message(GOOD, GOOD, "s").return_path(a or "@")),
}


@pytest.fixture(scope="module")
def server():
    """A server that accepts every recipient."""
    with MailServer([GOOD], accept_any=True) as running:
        yield running


@pytest.fixture(params=["blocking", "asyncio"])
def client(request, server):
    """A client of it, of either kind."""
    for make in maker(request.param, Transport, AsyncTransport):
        with make(server.smtp_url) as made:
            yield made


@pytest.mark.parametrize("enter", ENTRANCES.values(), ids=ENTRANCES)
def test_tricky_address(server, client, enter):
    """It is refused before anything is sent, wherever it is passed in, and costs no other."""
    server.reset()
    for name, trick in TRICKS.items():
        with pytest.raises((UsageError, MessageError)):
            raise AssertionError(f"{name}: {enter(client, trick)}")

    assert client.queue == ()
    assert client.send(message())
    assert [each.recipients for each in server.sent] == [(GOOD,)]


# Legal, odd, and misread by others: the path is exactly the address.
ODD = {
    "an address in quotes": '"evil@evil.test x"@example.test',
    "an address in quotes alone": '"evil@evil.test"@example.test',
    "comma in quotes": '"a,evil@evil.test"@example.test',
    "comment in quotes": '"a(x)"@example.test',
    "escaped quote": r'"a\"@evil.test"@example.test',
    "escaped backslash": '"a\\\\"@example.test',
    "empty quotes": '""@example.test',
    "encoded word as a local part": "=?utf-8?q?a?=@example.test",
    "bang path": "evil!a@example.test",
    "percent hack": "a%evil.test@example.test",
    "literal": "a@[192.0.2.1]",
    "IPv6 literal": "a@[IPv6:2001:db8::1]",
}


@pytest.mark.parametrize("address", ODD.values(), ids=ODD)
def test_odd_address(address):
    """A legal address is sent character by character, within one pair of brackets."""
    commands = sent_octets(Envelope(GOOD, (address,), b"\r\n")).partition(b"DATA\r\n")[0]

    assert commands.splitlines()[1:] == [b"RCPT TO:<%s>" % address.encode()]


@pytest.mark.parametrize("name", ["x\r\nRSET", "x\ny", "x y", "x\0", "x\r"])
def test_tricky_name_of_the_client(name):
    """The name in EHLO takes no line end and no space."""
    with pytest.raises(UsageError, match="local_hostname"):
        Transport("smtp://127.0.0.1:1", local_hostname=name, tls=TLS_NONE)


@pytest.mark.parametrize("value", ["x\r\nRCPT TO:<evil@evil.test>", "a b=c", "x\0", "é"])
def test_tricky_identifier(value):
    """What goes into parameters is written as xtext, or refused."""
    asked = None
    try:
        asked = DeliveryOptions(envid=value)
    except UsageError:
        return
    octets = sent_octets(Envelope(GOOD, (GOOD,), b"\r\n", asked), DSN=())

    assert octets.splitlines()[0] == b"MAIL FROM:<ann@example.test> ENVID=a+20b+3Dc"


# -- one content, one message --------------------------------------------------------------------

REPLIES = {b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n", b"DATA": b"354 go\r\n"}
SMUGGLED = b"MAIL FROM:<evil@evil.test>\r\nRCPT TO:<b@evil.test>\r\nDATA\r\nevil\r\n.\r\n"
ENDS = [
    end
    for before in (b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\0\r\n", b"")
    for after in (b"\r\n", b"\n", b"\r", b"\r\r\n", b"\0\r\n", b"")
    for end in (before + b"." + after, before + b".\0" + after)
]


def sent_octets(envelope, **offered):
    """Return what is sent for one message to a server that accepts it."""
    sending = batch_of(envelope, offered=offered)
    reader, octets, waiting = sending.session.reader, b"", []
    flow = batch.Batch(sending.session).run()
    try:
        request = next(flow)
        while True:
            if isinstance(request, Send):
                octets += request.data
                waiting.append(REPLIES.get(request.data[:4], b"250 ok\r\n"))
            elif request is RECEIVE:
                reader.feed(waiting.pop(0))
            request = next(flow)
    except StopIteration:
        return octets


@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_end_of_data_within_the_content(end):
    """Whatever a server takes for a line end, it sees one end of the data: the last one."""
    octets = sent_octets(Envelope(GOOD, (GOOD,), b"Subject: s\r\n\r\nhi" + end + SMUGGLED))
    content = octets.partition(b"DATA\r\n")[2]

    # CR, LF and both, with or without NUL, on either side of the dot: what servers have taken.
    lenient = re.compile(rb"(?:\r\n|\r|\n)\0*\.\0*(?:\r\n|\r|\n)")
    assert [found.end() for found in lenient.finditer(b"\n" + content)] == [len(content) + 1]
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", octets)


@pytest.mark.parametrize("content", [b"\0.", b"\r\n\0.\r\n", b"x\n\0\0.\n", b"\r\0.\r"], ids=ascii)
def test_end_of_data_after_nul(content):
    """A dot after NULs is an end for servers that drop them; netmail has no other form for it."""
    with pytest.raises(MessageError, match="NUL"):
        batch_of(Envelope(GOOD, (GOOD,), content))


FIELDS = {
    "subject": lambda text: Message(GOOD, GOOD, text),
    "name": lambda text: Message((text, GOOD), GOOD, "s"),
    "header": lambda text: Message(GOOD, GOOD, "s").header(("List-Id", text)),
    "unsubscribe": lambda text: Message(GOOD, GOOD, "s").unsubscribe(text),
    "list": lambda text: Message(GOOD, GOOD, "s").mailing_list("a.b", text),
}


@pytest.mark.parametrize("make", FIELDS.values(), ids=FIELDS)
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\r\n ", "\0"], ids=ascii)
def test_field_with_a_line_end(make, end):
    """No text of a caller's ends a header line: not in List- fields either."""
    with pytest.raises(MessageError):
        make(f"x{end}Bcc: evil@evil.test").as_bytes()
