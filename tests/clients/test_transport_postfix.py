"""The whole Transport API against Postfix: blocking and asyncio, each TLS mode, each proxy.

What arrives is read in Dovecot by other means than netmail's.
"""

import imaplib
import threading
import uuid
from email.message import EmailMessage

import pycurl
import pytest

import netmail
from netmail.clients.async_transport import AsyncTransport
from netmail.clients.transport import Transport
from netmail.envelope import Envelope
from netmail.errors import (
    RecipientsRefused,
    SenderRefused,
    SmtpError,
    UsageError,
)
from netmail.options.options import TLS_ALL, TLS_CONTROL, TLS_NONE, TLS_TRY
from netmail.results.smtp import SendStage
from support.twins import maker

MODES = {
    "clear": ("smtp", {"tls": TLS_NONE}),
    "clear where no STARTTLS is offered": ("smtp", {"tls": TLS_TRY}),
    "starttls": ("submission", {"tls": TLS_ALL}),
    "starttls if offered": ("submission", {"tls": TLS_TRY}),
    "starttls for control": ("submission", {"tls": TLS_CONTROL}),
    "implicit": ("smtps", {}),
}


@pytest.fixture(params=["blocking", "asyncio"])
def make(request):
    """Make a client, of either kind in turn, with the same methods to call."""
    yield from maker(request.param, Transport, AsyncTransport)


@pytest.fixture
def transport(make, postfix):
    """Make a client for Postfix, in any TLS mode; alice logs in by default."""

    def connect(scheme="smtp", login=postfix.dovecot.user("alice"), **options):  # noqa: B008
        given = {"tls": TLS_NONE} if scheme == "smtp" else {}
        trusted = {} if scheme == "smtp" else {"ca_file": postfix.ca_file}
        return make(
            postfix.url(scheme, login), **{**given, **trusted, "timeout": 20_000, **options}
        )

    return connect


@pytest.fixture
def user(dovecot):
    """A user with an empty mailbox."""
    return dovecot.fresh_user()


def text(mark, *users, sender="alice@example.test"):
    """A message that can be found again."""
    message = netmail.message().from_(sender).to([user.address for user in users])
    return message.subject(mark).text("hello\n.\ndot\n")


def mark():
    """A subject that nobody else has."""
    return f"mark-{uuid.uuid4().hex}"


def subjects(dovecot, user, count):
    """The subjects of what has arrived, in any order."""
    found = dovecot.messages(user, count)
    return sorted(line for message in found for line in message.splitlines() if b"Subject" in line)


# -- the whole client, over each transport -----------------------------------------------------


def whole_api(client, user, subject):
    """Call everything of the API once."""
    with client:
        assert client.queue == ()
        assert client.add_message(text(subject, user)) is client
        assert [item.recipients for item in client.queue] == [(user.address,)]
        report = client.send()
        assert report, str(report)
        assert report[0].stage is SendStage.DONE
        assert report[0].queue_ids
        assert client.queue == client.uncertain == ()
        client.add_message(text(subject, user)).clear()
        assert client.queue == ()
        assert "PIPELINING" in client.capabilities
        assert client.verify(user.address)
        assert client.noop() is None
        assert client.rset() is None
        assert client.exec("NOOP").code == 250
        assert isinstance(client.get_handle(), pycurl.Curl)
        assert client.test_connection() is True, client.last_error
        with pytest.raises(SmtpError):
            client.expn("staff")
        with pytest.raises(SmtpError):
            client.help()
        assert client.noop() is None
    return True


@pytest.mark.parametrize(("scheme", "options"), MODES.values(), ids=MODES)
def test_whole_api(transport, dovecot, user, scheme, options):
    """Everything of the API in each TLS mode; the message arrives."""
    subject = mark()
    client = transport(scheme, **options)

    assert whole_api(client, user, subject)
    assert subjects(dovecot, user, 1) == [b"Subject: " + subject.encode()]


def test_delivery_report(make, postfix, dovecot):
    """Postfix reports the delivery that was asked for, with the identifiers, for one of two."""
    sender, first, second = (dovecot.fresh_user() for _ in range(3))
    asked = netmail.DeliveryOptions(
        ret="HDRS",
        envid="id 4+7=11",
        each_recipient=netmail.RecipientOptions(notify=["NEVER"]),
        recipients={
            first.address: netmail.RecipientOptions(
                notify=["SUCCESS"], orcpt='"first+one"@example.org'
            )
        },
    )
    subject = mark()
    with make(postfix.url("smtp")) as client:
        client.add_message(text(subject, first, second, sender=sender.address), options=asked)
        assert client.send()
    (octets,) = dovecot.messages(sender, 1)
    report = netmail.parse(octets).report

    assert report.fields["original-envelope-id"] == "id 4+7=11"
    (recipient,) = report.recipients
    assert recipient.recipient == first.address
    assert recipient.original == '"first+one"@example.org'
    # Dovecot's LMTP has no DSN, so Postfix has passed the duty on as far as it can.
    assert recipient.action == "relayed"
    assert report.original_headers["subject"] == subject


@pytest.fixture(params=["tinyproxy", "microsocks"])
def proxy(request):
    """Each of the proxies in turn."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("scheme", ["smtp", "submission", "smtps"])
def test_whole_api_through_a_proxy(transport, dovecot, user, proxy, scheme):
    """The same through an HTTP and a SOCKS5 proxy with passwords."""
    subject = mark()
    # By address: microsocks does not try the second address of a name.
    client = transport(scheme, host="127.0.0.1", proxy=proxy.url())

    assert whole_api(client, user, subject)
    assert subjects(dovecot, user, 1) == [b"Subject: " + subject.encode()]


def test_blade_starttls_on_the_submission_port(transport, user):
    """STARTTLS works where a port is not one of implicit TLS."""
    with transport("submission") as client:
        client.add_message(text(mark(), user))

        assert client.send()
        assert client.get_handle().getinfo(pycurl.APPCONNECT_TIME) > 0


def test_judged_by_imaplib(transport, dovecot, user):
    """What was sent is what imaplib reads, dots and line ends included."""
    subject = mark()
    content = b"Subject: %s\r\n\r\n.\r\n..\r\n.x\r\nbare\nlines\rend" % subject.encode()
    with transport() as client:
        client.add_message(Envelope("alice@example.test", (user.address,), content))
        client.send().raise_for_refused()
    dovecot.messages(user, 1)
    with imaplib.IMAP4("127.0.0.1", dovecot.ports.imap) as judge:
        judge.login(user.name, user.password)
        judge.select()
        _, ((_, read), *_) = judge.fetch("1", "(BODY[TEXT])")

    assert read == b".\r\n..\r\n.x\r\nbare\r\nlines\r\nend\r\n"


def test_standard_library_message(transport, dovecot, user):
    """An EmailMessage is sent, its Bcc in the envelope only."""
    hidden = dovecot.fresh_user()
    message = EmailMessage()
    message["From"] = "Alice <alice@example.test>"
    message["To"] = user.address
    message["Bcc"] = hidden.address
    message["Subject"] = mark()
    message.set_content("grüße\n")
    with transport() as client:
        report = client.add_message(message).send()
    arrived = dovecot.messages(hidden, 1)[0]

    assert [each.address for each in report.accepted] == [user.address, hidden.address]
    assert hidden.address.encode() not in arrived.partition(b"\r\n\r\n")[0].split(b"From: ")[1]


def test_blade_bcc_is_delivered_and_not_shown(transport, dovecot, user):
    """Blind recipients get the message, and nobody sees them."""
    hidden = dovecot.fresh_user()
    with transport() as client:
        assert client.add_message(text(mark(), user).bcc(hidden.address)).send()

    assert len(dovecot.messages(hidden, 1)) == 1
    assert hidden.address.encode() not in dovecot.messages(user, 1)[0]


# -- several messages, some refused ------------------------------------------------------------


def test_partial_refusal(transport, postfix, dovecot, user):
    """Refusals of all kinds: the others arrive, the report says why, the busy one stays."""
    recipients = (user.address, postfix.unknown, postfix.busy, postfix.full)
    with transport() as client:
        for number in range(3):
            content = b"Subject: %d\r\n\r\nhello\r\n" % number
            client.add_message(Envelope("alice@example.test", recipients, content))
        report = client.send()
        again = client.send()
        left = client.queue
        alive = client.noop()

    assert not report
    assert len(report.accepted) == 3
    assert {
        each.address: (each.code, each.enhanced, each.transient) for each in report.refused
    } == {
        postfix.unknown: (550, "5.1.1", False),
        postfix.busy: (450, "4.2.1", True),
        postfix.full: (552, "5.2.2", False),
    }
    assert [result.stage for result in again] == [SendStage.RCPT] * 3
    assert [item.recipients for item in left] == [(postfix.busy,)] * 3
    assert alive is None
    assert subjects(dovecot, user, 3) == [b"Subject: %d" % number for number in range(3)]


def test_refused_messages_between_others(transport, postfix, dovecot, user):
    """A refused sender, content, size or recipient costs no other message."""
    header = postfix.reject_header.encode()
    messages = [
        Envelope("alice@example.test", (user.address,), b"Subject: first\r\n\r\n"),
        Envelope(postfix.banned, (user.address,), b"Subject: banned\r\n\r\n"),
        Envelope("alice@example.test", (user.address,), header + b": x\r\n\r\n"),
        Envelope("alice@example.test", (postfix.unknown,), b"Subject: unknown\r\n\r\n"),
        Envelope("alice@example.test", (user.address,), b"\r\n" + b"x\r\n" * 7_000_000),
        Envelope("", (user.address,), b"Subject: last\r\n\r\n"),
    ]
    with transport() as client:
        for message in messages:
            client.add_message(message)
        report = client.send()
        queued = len(client.queue)

    assert [bool(result) for result in report] == [True, False, False, False, False, True]
    assert [result.stage for result in report] == [
        SendStage.DONE,
        SendStage.MAIL,
        SendStage.REPLY,
        SendStage.RCPT,
        SendStage.CHECK,
        SendStage.DONE,
    ]
    assert isinstance(report[1].error, SenderRefused)
    assert isinstance(report[3].error, RecipientsRefused)
    assert queued == 0
    assert subjects(dovecot, user, 2) == [b"Subject: first", b"Subject: last"]


def test_what_exec_began_is_dropped(transport, user):
    """A transaction begun by hand gets into no message, and costs none."""
    with transport() as client:
        client.exec("MAIL FROM:<alice@example.test>")
        client.add_message(text(mark(), user))
        report = client.send()  # drops what exec() began
        client.exec("MAIL FROM:<alice@example.test>")
        with pytest.raises(SmtpError) as nested:
            client.exec("MAIL FROM:<alice@example.test>")

    assert report
    assert nested.value.code == 503


def test_relaying_needs_a_login(transport, user):
    """Without a login Postfix does not relay, and says so."""
    message = Envelope("alice@example.test", ("x@elsewhere.test",), b"\r\n")
    with transport(login=None) as client:
        report = client.add_message(message).add_message(text(mark(), user)).send()

    assert [bool(result) for result in report] == [False, True]
    assert report[0].refused[0].code == 554


def test_many_recipients(transport, dovecot):
    """A hundred recipients in one group."""
    users = [dovecot.fresh_user() for _ in range(5)]
    tagged = [f"{user.name}+{n}@example.test" for n in range(20) for user in users]
    message = Envelope("alice@example.test", tuple(tagged), b"Subject: many\r\n\r\n")
    with transport() as client:
        report = client.add_message(message).send()

    assert report
    assert [each.address for each in report.accepted] == tagged


# -- beyond ASCII ------------------------------------------------------------------------------


def test_smtputf8_address(transport, postfix):
    """A local part beyond ASCII is sent by SMTPUTF8."""
    message = Envelope("alice@example.test", (postfix.unicode_address,), b"Subject: utf8\r\n\r\n")
    with transport() as client:
        report = client.add_message(message).send()

    assert report, str(report)


def test_eight_bit_content(transport, dovecot, user):
    """Octets over 127 arrive as they are."""
    content = "Subject: eight\r\n\r\ngrüße\r\n".encode()
    with transport() as client:
        assert client.add_message(Envelope("alice@example.test", (user.address,), content)).send()

    assert "grüße".encode() in dovecot.messages(user, 1)[0]


# -- verify ------------------------------------------------------------------------------------


def test_verify(transport, postfix, user):
    """Postfix replies 252 for an address that it would accept, and 550 for another."""
    with transport() as client:
        known, unknown = client.verify(user.address), client.verify(postfix.unknown)

    assert known
    assert known.unknown
    assert not unknown
    assert unknown.code == 550


def test_blade_verify_logs_in_first(transport, user):
    """verify() works where the server demands a login."""
    with transport("submission") as client:
        assert client.verify(user.address)


def test_verify_refuses_what_is_no_address(transport):
    """A display name or a line end is refused before anything is sent, and nothing is spoilt."""
    with transport() as client:
        for bad in ("Bob <bob@example.test>", "bob\r\nRSET", ""):
            with pytest.raises(UsageError):
                client.verify(bad)

        assert client.noop() is None


# -- more than one ---------------------------------------------------------------------------


def test_two_threads(postfix, dovecot, user):
    """Clients of their own in two threads do not disturb each other."""
    reports = []

    def send():
        with Transport(postfix.url("smtp"), tls=TLS_NONE) as client:
            for _ in range(5):
                client.add_message(text(mark(), user))
            reports.append(client.send())

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(reports)
    assert len(dovecot.messages(user, 10)) == 10
