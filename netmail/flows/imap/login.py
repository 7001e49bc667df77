"""The IMAP login: AUTHENTICATE, and the command LOGIN.

This file knows how IMAP carries challenges and responses, and no mechanism: `netmail.flows.sasl`
runs those, and `netmail.flows.login` chooses among them.
"""

from typing import TYPE_CHECKING, Final

from netmail.errors import ImapError
from netmail.flows.flow import Flow, Send
from netmail.flows.imap.responses import Responses, raise_unless_ok
from netmail.flows.login import COMMAND, log_in
from netmail.flows.sasl import Refusal, authenticate, refused
from netmail.results.imap import ImapState
from netmail.secret import REDACTED_OCTETS
from netmail.wire import sasl
from netmail.wire.imap import encode
from netmail.wire.sasl import Credentials

if TYPE_CHECKING:
    from netmail.flows.imap.session import ImapSession

_AUTH: Final = "AUTH="


def login(session: "ImapSession") -> Flow[str]:
    """Log in, and learn what the server offers afterwards.

    Returns:
        The mechanism; "LOGIN" for the command of that name too.

    Raises:
        AuthenticationError: If the server refuses the credentials, or offers no mechanism.

    RFC 9051 sections 6.2.2 and 6.2.3.
    """
    before = session.capabilities

    def attempt(name: str, credentials: Credentials) -> Flow[Refusal | None]:
        nonlocal before
        before = session.capabilities
        run = _login if name == COMMAND else _authenticate
        return (yield from run(session, name, credentials))

    # capability = ("AUTH=" auth-type) / atom
    offered = {name.removeprefix(_AUTH) for name in before if name.startswith(_AUTH)}
    # "A client implementation MUST NOT send a LOGIN command if the LOGINDISABLED capability is
    # advertised", RFC 3501 section 6.2.3.
    if "LOGINDISABLED" not in before:
        offered.add(COMMAND)
    settle = session.process_unsolicited
    name = yield from log_in(
        session.options,
        offered,
        attempt,
        settle,
        session.handshake,
    )
    session.state = ImapState.AUTHENTICATED
    # A server MAY send a CAPABILITY response code with the OK, RFC 9051 section 6.2.2; without it
    # they must be asked for, because a login changes them.
    if session.capabilities is before:
        yield from session.capability()
    return name.removeprefix("+")


def _authenticate(
    session: "ImapSession", name: str, credentials: Credentials
) -> Flow[Refusal | None]:
    """Send AUTHENTICATE.

    RFC 9051 section 6.2.2.
    """
    # authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp] *(CRLF base64)
    #
    # C: T1 AUTHENTICATE PLAIN
    # S: +
    # C: AGFubgBzZWNyZXQ=
    # S: T1 OK [CAPABILITY IMAP4rev1 UIDPLUS] logged in
    tag = session.next_tag()
    return (
        yield from authenticate(
            name,
            credentials,
            tag + b" AUTHENTICATE",
            lambda: _read_challenge(session, tag),
            # RFC 4959 section 3: SASL-IR announces that AUTHENTICATE may carry the initial
            # response; IMAP4rev2 contains it.
            initial=session.offers("SASL-IR"),
        )
    )


def _read_challenge(session: "ImapSession", tag: bytes) -> Flow[bytes | None]:
    """Read a challenge, or `None` when the login is done.

    RFC 9051 section 9: continue-req = "+" SP (resp-text / base64) CRLF.
    """
    # S: + <challenge>, empty where the mechanism begins with the client
    response = yield from session.read_until_tagged(tag, Responses(), continuation=True)
    if isinstance(response, bytes):
        return sasl.decode(response)
    raise_unless_ok(response, "AUTHENTICATE")
    return None


def _login(session: "ImapSession", _name: str, credentials: Credentials) -> Flow[Refusal | None]:
    """Send LOGIN.

    RFC 9051 section 6.2.3.
    """
    # C: T1 LOGIN "ann" "a~b"
    # S: T1 OK [CAPABILITY IMAP4rev1 UIDPLUS] logged in
    tag = session.next_tag()
    collected = Responses()
    first, *rest = _login_lines(tag, credentials, session.capabilities)
    yield first
    try:
        for line in rest:
            requested = yield from session.read_until_tagged(tag, collected, continuation=True)
            if not isinstance(requested, bytes):
                raise_unless_ok(requested, "LOGIN")  # refused before the literal
                return None
            yield line
        raise_unless_ok((yield from session.read_until_tagged(tag, collected)), "LOGIN")
    except ImapError as error:
        return refused(error, sasl.secrets_of(credentials))
    return None


def _login_lines(tag: bytes, credentials: Credentials, capabilities: frozenset[str]) -> list[Send]:
    """Write the command in a frame of its own, which is gone when an error is raised.

    RFC 9051 section 9: login = "LOGIN" SP userid SP password.
    """
    # userid = astring; password = astring. Both in quotes or as literals: Courier ends a bare word
    # at "~", and octets beyond ASCII need a literal.
    password = credentials.password.reveal() if credentials.password is not None else ""
    arguments = [encode.string(each.encode()) for each in (credentials.username, password)]
    chunks = encode.command(tag, b"LOGIN", encode.parts_of(arguments), capabilities)
    hidden = REDACTED_OCTETS + b"\r\n"
    written = [b"".join(encode.octets_of(chunk)) for chunk in chunks]
    return [
        Send(line, tag + b" LOGIN " + hidden if line is written[0] else hidden) for line in written
    ]
