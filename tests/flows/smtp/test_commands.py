"""SMTP's small commands as transcripts: what is sent, and what each reply means."""

import pytest

from netmail.errors import CapabilityError, ProtocolError, SmtpError, UsageError
from netmail.flows.smtp import commands
from netmail.flows.smtp.session import SmtpSession
from netmail.options.options import MailProtocol, parse_options
from netmail.results.smtp import AddressVerification, SmtpReply
from support.replay import replay, replay_both

OPTIONS = parse_options(MailProtocol.SMTP, host="localhost")


def session():
    """A session without login."""
    return SmtpSession(OPTIONS)


def run(conversation, transcript):
    """Run a conversation whole and octet by octet, from fresh sessions."""
    return replay_both(session, conversation, transcript)


COMMANDS = {
    "rset": (commands.rset, "C: RSET\nS: 250 2.0.0 Ok", SmtpReply(250, "2.0.0", "Ok")),
    "help": (commands.help, "C: HELP\nS: 214-try\nS: 214 harder", "try\nharder"),
    "help on a topic": (
        lambda s: commands.help(s, "MAIL"),
        "C: HELP MAIL\nS: 214 MAIL FROM:<a>",
        "MAIL FROM:<a>",
    ),
    "expn": (
        lambda s: commands.expn(s, "staff"),
        "C: EXPN staff\nS: 250-Ann <a@x.test>\nS: 250 <b@x.test>",
        ["Ann <a@x.test>", "<b@x.test>"],
    ),
    "exec": (
        lambda s: commands.exec(s, "NOOP hello"),
        "C: NOOP hello\nS: 250 2.0.0 Ok",
        SmtpReply(250, "2.0.0", "Ok"),
    ),
    "exec strips spaces": (
        lambda s: commands.exec(s, " noop "),
        "C: noop\nS: 250 Ok",
        SmtpReply(250, "", "Ok"),
    ),
}


@pytest.mark.parametrize(("command", "transcript", "expected"), COMMANDS.values(), ids=COMMANDS)
def test_command(command, transcript, expected):
    """Each command sends its line and returns what the reply means."""
    assert expected == run(command, transcript)


# -- VRFY and EXPN -----------------------------------------------------------------------------

VERIFICATIONS = {
    "250": (250, True, False),
    "251": (251, True, False),
    "252": (252, True, True),
    "550": (550, False, False),
    "551": (551, False, False),
    "553": (553, False, False),
}


@pytest.mark.parametrize(("code", "truth", "unknown"), VERIFICATIONS.values(), ids=VERIFICATIONS)
def test_blade_verify_codes(code, truth, unknown):
    """Of VRFY's six results three are true, one of them unknown, and three are false."""
    transcript = f"C: VRFY bob@x.test\nS: {code} {code // 100}.1.1 Bob"
    verification = run(lambda s: commands.verify(s, "bob@x.test"), transcript)

    assert verification == AddressVerification(code, f"{code // 100}.1.1", "Bob")
    assert truth is bool(verification)
    assert unknown is verification.unknown


@pytest.mark.parametrize("code", [211, 450, 451, 500, 502, 503, 504, 552, 554])
def test_verify_raises_on_any_other_code(code):
    """Any other code tells nothing about the address."""
    with pytest.raises(SmtpError) as caught:
        run(lambda s: commands.verify(s, "bob"), f"C: VRFY bob\nS: {code} text")

    assert code == caught.value.code
    assert caught.value.command == "VRFY"


def test_expn_that_does_not_tell():
    """252 to EXPN is no list, and an empty list would be wrong."""
    with pytest.raises(SmtpError, match="252"):
        run(lambda s: commands.expn(s, "staff"), "C: EXPN staff\nS: 252 perhaps")


@pytest.mark.parametrize(
    ("command", "verb"), [(commands.verify, "VRFY"), (commands.expn, "EXPN")], ids=["vrfy", "expn"]
)
def test_lookup_with_smtputf8(command, verb):
    """An address beyond ASCII is sent with the parameter SMTPUTF8 if the server offers it."""
    offering = session()
    offering.capabilities = {"SMTPUTF8": ()}
    transcript = f"C: {verb} ünï@x.test SMTPUTF8\nS: 250 ünï@x.test"

    assert replay(command(offering, "ünï@x.test"), offering.reader, transcript)


@pytest.mark.parametrize("command", [commands.verify, commands.expn], ids=["vrfy", "expn"])
def test_lookup_without_smtputf8(command):
    """An address beyond ASCII is refused if the server does not offer SMTPUTF8."""
    with pytest.raises(CapabilityError) as caught:
        run(lambda s: command(s, "ünï@x.test"), "")

    assert caught.value.capability == "SMTPUTF8"


@pytest.mark.parametrize("name", ["Bob <bob@x.test>", "x" * 321, ""], ids=["display", "long", ""])
@pytest.mark.parametrize("command", [commands.verify, commands.expn], ids=["vrfy", "expn"])
def test_lookup_of_no_name(command, name):
    """What is neither address nor name is refused, and nothing is sent."""
    with pytest.raises(UsageError):
        run(lambda s: command(s, name), "")


# -- exec() ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "instead"),
    [
        ("data", r"send\(\)"),
        ("BDAT 5 LAST", r"send\(\)"),
        ("StartTLS", "tls="),
        ("AUTH PLAIN", "password="),
        ("quit", r"quit\(\)"),
        ("  ", "needs a command"),
    ],
)
def test_exec_refuses(command, instead):
    """A command that breaks the session is refused, and the error names what to use."""
    with pytest.raises(UsageError, match=instead):
        run(lambda s: commands.exec(s, command), "")


@pytest.mark.parametrize(
    ("command", "reply", "capabilities"),
    [
        ("EHLO me", "S: 250-mx\nS: 250 DSN", {"DSN": ()}),
        ("HELO me", "S: 250 mx", {}),
        ("NOOP", "S: 250 Ok", {"SIZE": ()}),
    ],
)
def test_exec_keeps_track_of_capabilities(command, reply, capabilities):
    """EHLO renews the extensions, HELO drops them: RFC 5321 section 4.1.4."""
    current = session()
    current.capabilities = {"SIZE": ()}
    replay(commands.exec(current, command), current.reader, f"C: {command}\n{reply}")

    assert capabilities == current.capabilities


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("MAIL FROM:<>", True),
        ("MAIL FROM:<>, RCPT TO:<a@x.test>", True),
        ("MAIL FROM:<>, NOOP", True),
        ("MAIL FROM:<>, RSET", False),
        ("mail from:<>, ehlo me", False),
        ("MAIL FROM:<>, HELO me", False),
        ("NOOP", False),
    ],
)
def test_exec_keeps_track_of_the_transaction(lines, expected):
    """MAIL opens a transaction; RSET, EHLO and HELO end it."""
    current = session()
    for line in lines.split(", "):
        replay(commands.exec(current, line), current.reader, f"C: {line}\nS: 250 Ok")

    assert expected is current.transaction_open


def test_rset_ends_the_transaction():
    """rset() drops what exec() began."""
    current = session()
    current.transaction_open = True
    replay(commands.rset(current), current.reader, "C: RSET\nS: 250 Ok")

    assert not current.transaction_open


# -- ETRN and XCLIENT --------------------------------------------------------------------------


def offering(**capabilities):
    """A session with a server that has these extensions."""
    current = session()
    current.capabilities = capabilities
    current.hostname = "me.test"
    return current


NODES = ["example.org", "@example.org", "#queue-1", "mx_1.example.org"]


@pytest.mark.parametrize("node", NODES)
def test_etrn(node):
    """A domain, a domain with those below it, and a queue."""
    current = offering(ETRN=())
    reply = replay(commands.etrn(current, node), current.reader, f"C: ETRN {node}\nS: 251 none")

    assert reply.code == 251


def test_etrn_with_a_domain_beyond_ascii():
    """The domain has A-labels."""
    current = offering(ETRN=())
    transcript = "C: ETRN @xn--bcher-kva.example\nS: 250 ok"

    assert replay(commands.etrn(current, "@bücher.example"), current.reader, transcript)


BAD_NODES = ["", "@", "#", "a b", "a\r\nQUIT", "example..org", "#a b", "@#x", "x" * 300, "a@x.test"]


@pytest.mark.parametrize("node", BAD_NODES, ids=ascii)
def test_bad_node(node):
    """What is no node is refused before anything is sent."""
    current = offering(ETRN=())
    with pytest.raises(UsageError):
        replay(commands.etrn(current, node), current.reader, "")


def test_etrn_is_not_offered():
    """Nothing is sent to a server without the extension."""
    current = session()
    with pytest.raises(CapabilityError, match="ETRN"):
        replay(commands.etrn(current, "example.org"), current.reader, "")


@pytest.mark.parametrize("size", [None, 1], ids=["whole", "octets"])
def test_xclient(size):
    """Values are xtext; the server greets again, and EHLO says what it offers now."""
    current = offering(XCLIENT=("NAME", "ADDR"), SIZE=("1",))
    current.transaction_open = True
    transcript = """
        C: XCLIENT ADDR=IPV6:2001:db8::1 NAME=[UNAVAILABLE]
        S: 220 mx ESMTP
        C: EHLO me.test
        S: 250-mx
        S: 250 PIPELINING
    """
    flow = commands.xclient(current, {"addr": "IPV6:2001:db8::1", "NAME": None})
    reply = replay(flow, current.reader, transcript, size=size)

    assert reply.code == 220
    assert current.capabilities == {"PIPELINING": ()}
    assert not current.transaction_open


def test_xclient_cannot_inject():
    """A space or an equals sign in a value begins no other attribute."""
    current = offering(XCLIENT=("LOGIN",))
    flow = commands.xclient(current, {"LOGIN": "a ADDR=192.0.2.1"})
    transcript = "C: XCLIENT LOGIN=a+20ADDR+3D192.0.2.1\nS: 501 no"

    with pytest.raises(SmtpError, match="501"):
        replay(flow, current.reader, transcript)


def test_xclient_without_greeting():
    """A reply that is no greeting leaves the session in an unknown state."""
    current = offering(XCLIENT=("LOGIN",))
    with pytest.raises(ProtocolError, match="no greeting"):
        replay(
            commands.xclient(current, {"LOGIN": "a"}),
            current.reader,
            "C: XCLIENT LOGIN=a\nS: 250 ok",
        )


BAD_ATTRIBUTES = {
    "none": {},
    "no mapping": "ADDR=192.0.2.1",
    "nothing": None,
    "line end": {"LOGIN": "a\r\nRSET"},
    "number": {"LOGIN": 7},
    "line end in a name": {"LOGIN\r\n": "a"},
    "another name": {"COLOUR": "red"},
}


@pytest.mark.parametrize("attributes", BAD_ATTRIBUTES.values(), ids=BAD_ATTRIBUTES)
def test_bad_attributes(attributes):
    """What XCLIENT cannot have is refused before anything is sent."""
    current = offering(XCLIENT=("LOGIN",))
    with pytest.raises(UsageError):
        replay(commands.xclient(current, attributes), current.reader, "")


def test_xclient_is_not_offered():
    """Nothing is sent to a server without the extension."""
    current = session()
    with pytest.raises(CapabilityError, match="XCLIENT"):
        replay(commands.xclient(current, {"LOGIN": "a"}), current.reader, "")
