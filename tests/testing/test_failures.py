"""Failures on demand: which events a rule applies to, how often, and what the clients see."""

import asyncio
import datetime as dt
import smtplib
import time

import pytest

from netmail.errors import UsageError
from netmail.testing.failures import Failures

ANN = "ann@example.test"
MAIL = b"Subject: x\r\n\r\n"


def events(rules, *happening):
    """Let events happen and return the reply code for each, 0 for none."""

    async def run():
        replies = [await rules.meet(*event) for event in happening]
        return [reply.code if reply else 0 for reply in replies]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("match", "value", "code"),
    [
        ("x@y", "x@y", 450),
        ("X@y", "x@Y", 450),
        ("*", "anything", 450),
        ("*@y", "x@y", 450),
        ("*@y", "x@z", 0),
        ("x@y", "ax@y", 0),
    ],
)
def test_what_a_rule_matches(match, value, code):
    """Case does not matter; a star is for any beginning."""
    rules = Failures()
    rules.add(rcpt=match, code=450)

    assert events(rules, ("smtp", "rcpt", value)) == [code]


def test_times_and_after():
    """The first two events pass, the next two fail, the rest passes; `hits` counts."""
    rules = Failures()
    rule = rules.add(mail="*", code=451, times=2, after=2)

    assert events(rules, *[("smtp", "mail", "x@y")] * 5) == [0, 0, 451, 451, 0]
    assert rule.hits == 2


def test_a_greylist_counts_each_pair():
    """Each sender and recipient is refused once."""
    rules = Failures()
    rules.add(greylist="*")
    pairs = [("smtp", "greylist", to, "me") for to in ("a", "b", "a", "b")]

    assert events(rules, *pairs, ("smtp", "greylist", "a", "you")) == [450, 450, 0, 0, 450]


def test_protocol_and_point():
    """A rule for one protocol or point leaves the others alone."""
    rules = Failures()
    rules.add(login="*", protocol="imap")

    assert events(
        rules, ("pop3", "login", "a"), ("imap", "command", "a"), ("imap", "login", "a")
    ) == [0, 0, 535]


def test_the_first_rule_that_refuses_decides():
    """A delay alone refuses nothing."""
    rules = Failures()
    waits = rules.add(rcpt="*", delay=dt.timedelta(milliseconds=1))
    rules.add(rcpt="*", code=550)
    unused = rules.add(rcpt="*", code=551)

    assert events(rules, ("smtp", "rcpt", "a")) == [550]
    assert (waits.hits, unused.hits) == (1, 0)


def test_rules_are_removed():
    """One by its method, all by `clear()`."""
    rules = Failures()
    first = rules.add(rcpt="*", code=450)
    rules.add(rcpt="*", code=451)
    first.remove()
    first.remove()
    before = events(rules, ("smtp", "rcpt", "a"))
    rules.clear()

    assert (before, events(rules, ("smtp", "rcpt", "a"))) == ([451], [0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "exactly one of"),
        ({"rcpt": "*", "mail": "*"}, "exactly one of"),
        ({"rcpt": ""}, "for all"),
        ({"rcpt": b"x@y"}, "for all"),
        ({"connect": "http"}, "connect is"),
        ({"login": "*", "protocol": "http"}, "protocol is one of"),
        ({"rcpt": "*", "code": 250}, "from 400 to 599"),
        ({"rcpt": "*", "code": "450"}, "from 400 to 599"),
        ({"rcpt": "*", "text": "a\r\nb"}, "printable"),
        ({"rcpt": "*", "text": "x" * 401}, "at most"),
        ({"rcpt": "*", "drop": "later"}, "drop is"),
        ({"rcpt": "*", "drop": "after"}, "for content"),
        ({"content": "*", "drop": "after", "code": 451}, "no reply"),
        ({"rcpt": "*", "delay": -1}, "in seconds"),
        ({"rcpt": "*", "delay": float("nan")}, "in seconds"),
        ({"rcpt": "*", "delay": 30_000}, "in seconds"),
        ({"rcpt": "*", "delay": True}, "in seconds"),
        ({"rcpt": "*", "times": 0}, "times is"),
        ({"rcpt": "*", "after": -1}, "after is"),
    ],
)
def test_mistakes(arguments, words):
    """A rule that makes no sense is refused when it is made."""
    with pytest.raises(UsageError, match=words):
        Failures().add(**arguments)


def test_rcpt_is_refused_with_the_code(server, connect):
    """The code, its class as enhanced status code, and the text; the other recipient gets it."""
    server.fail(rcpt="x@y", code=450, text="try later")
    server.fail(rcpt="bob@z.test", code=551)
    smtp = connect(server, "smtp")
    refused = smtp.sendmail("me@y.test", ["x@y", "bob@z.test", ANN], MAIL)

    assert refused == {
        "x@y": (450, b"4.2.0 try later"),
        "bob@z.test": (551, b"5.2.0 Mailbox unavailable"),
    }


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"mail": "me@y.test"}, 451),
        ({"mail": "*@y.test", "code": 550}, 550),
        ({"rcpt": ANN}, 450),
        ({"full": ANN}, 452),
        ({"full": ANN, "code": 552}, 552),
        ({"greylist": "*"}, 450),
        ({"data": "me@y.test", "code": 554}, 554),
        ({"content": ANN}, 451),
        ({"command": "data", "code": 502}, 502),
    ],
    ids=str,
)
def test_each_point_of_a_transaction(server, connect, rule, code):
    """Nothing is delivered; after `reset()` the same message is."""
    server.fail(**rule, protocol="smtp")
    smtp = connect(server, "smtp")
    with pytest.raises(smtplib.SMTPException) as caught:
        smtp.sendmail("me@y.test", [ANN], MAIL)
    assert str(code) in str(caught.value)
    assert (server.messages(), server.sent) == ([], [])

    server.reset()
    connect(server, "smtp").sendmail("me@y.test", [ANN], MAIL)
    assert (server.messages(), len(server.sent)) == ([MAIL], 1)


def test_null_sender(server, connect):
    """A rule for "" fails bounces only."""
    server.fail(mail="", code=550)
    smtp = connect(server, "smtp")
    with pytest.raises(smtplib.SMTPSenderRefused):
        smtp.sendmail("", [ANN], MAIL)

    assert smtp.sendmail("me@y.test", [ANN], MAIL) == {}


def test_greylisted_once(server, connect):
    """The second try is accepted."""
    server.fail(greylist="*")
    smtp = connect(server, "smtp")
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="Greylisted, try again later"):
        smtp.sendmail("me@y.test", [ANN], MAIL)

    assert smtp.sendmail("me@y.test", [ANN], MAIL) == {}


@pytest.mark.parametrize("point", ["mail", "rcpt", "data", "content"])
def test_drop(any_server, connect, point):
    """The connection is closed in place of the reply, nothing is delivered, the next one works."""
    any_server.fail(**{point: "*"}, drop=True, times=1)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        connect(any_server, "smtp").sendmail("me@y.test", [ANN], MAIL)
    assert any_server.messages() == []

    connect(any_server, "smtp").sendmail("me@y.test", [ANN], MAIL)
    assert any_server.messages() == [MAIL]


def test_drop_after(server, connect):
    """The message is accepted, and the client does not learn it."""
    server.fail(content="*", drop="after")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        connect(server, "smtp").sendmail("me@y.test", [ANN], MAIL)

    assert (server.messages(), len(server.sent)) == ([MAIL], 1)


def test_421_closes(server, connect):
    """As RFC 5321 section 3.8 says: the reply is sent, then the connection is closed."""
    server.fail(command="NOOP", code=421, text="Too long idle")
    smtp = connect(server, "smtp")

    assert smtp.noop() == (421, b"4.3.0 Too long idle")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        smtp.noop()


def test_connect(any_server, connect):
    """The greeting of one protocol is a refusal; the others greet."""
    any_server.fail(connect="smtp", code=421)
    with pytest.raises((smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected), match="421"):
        connect(any_server, "smtp")

    connect(any_server, "imap")


def test_smtp_login(server, login):
    """The right password is refused; another user's is not."""
    server.fail(login=ANN, code=454, text="Temporary authentication failure")
    with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        login(server, "smtp")

    assert caught.value.smtp_code == 454
    login(server, "smtp", "bob")


def test_delay(server, connect):
    """The reply comes later, and is a good one."""
    server.fail(rcpt="*", delay=0.2)
    smtp = connect(server, "smtp")
    before = time.monotonic()
    smtp.sendmail("me@y.test", [ANN], MAIL)

    assert time.monotonic() - before >= 0.2
    assert server.messages() == [MAIL]


def test_help_is_still_there(server, connect):
    """What may be refused keeps its documentation, which HELP prints."""
    assert b"MAIL" in connect(server, "smtp").help()
