"""What a server offers, of whatever protocol: read from a handshake, or asked for again.

This file knows how each protocol lists its capabilities, and nothing of what they do.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from netmail.errors import ReplyError
from netmail.flows.flow import Flow
from netmail.flows.handshake import Handshake, TranscriptLine, after_proxy_connect, verb
from netmail.flows.imap.session import ImapSession
from netmail.flows.pop3.session import Pop3Session
from netmail.flows.smtp.session import SmtpSession
from netmail.options.options import MailProtocol
from netmail.wire import pop3, smtp
from netmail.wire.imap import responses
from netmail.wire.server_text import decode

Offers = tuple[str, ...]

START_TLS: Final = {
    MailProtocol.SMTP: "STARTTLS",
    MailProtocol.IMAP: "STARTTLS",
    MailProtocol.POP3: "STLS",
}
"""The capability, which is also the command: RFC 3207, RFC 9051 section 6.2.1, RFC 2595."""

# The secret itself is what these send.
_SHOWS_SECRET: Final = frozenset({"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"})
# What TLS and a login are expected to end: RFC 3207 section 4.2, RFC 9051 section 6.2, RFC 2595.
_PASSING: Final = frozenset(
    {"STARTTLS", "STLS", "LOGINDISABLED", "AUTH", "SASL", "USER", "APOP", "SASL-IR"}
)


def around_tls(
    protocol: MailProtocol, lines: Sequence[TranscriptLine]
) -> tuple[Offers | None, Offers | None]:
    """Return what was offered before STARTTLS and after it; `None` for what was not asked.

    Without STARTTLS all of it is before.
    """
    # RFC 3207 section 4.2: the client MUST discard what it knew before TLS, and here compares it.
    lines = after_proxy_connect(lines)
    command = START_TLS[protocol].encode()
    split = [
        place for place, (side, line) in enumerate(lines) if side == "C" and verb(line) == command
    ]
    place = split[0] if split else len(lines)
    return _announced(protocol, lines[:place]), _announced(protocol, lines[place + 1 :])


def _announced(protocol: MailProtocol, lines: Sequence[TranscriptLine]) -> Offers | None:
    """Return the last list of capabilities in some lines."""
    part = Handshake(tuple(lines), encrypted=False)
    if protocol is MailProtocol.SMTP:
        # 250-mx.example, 250 SIZE 10240000: first the name          RFC 5321 section 4.1.1.1
        return listed(smtp.handshake_extensions(part.responses_to(b"EHLO"))) or None
    if protocol is MailProtocol.POP3:
        # +OK, the capabilities, a line with a dot                             RFC 2449 section 5
        return listed(pop3.capabilities(part.responses_to(b"CAPA")[1:-1])) or None
    for side, line in reversed(lines):
        if side == "S" and (names := _imap_names(line)):
            return listed(names)
    return None


def _imap_names(line: bytes) -> list[str]:
    # * CAPABILITY IMAP4rev2 STARTTLS, and * OK [CAPABILITY IMAP4rev2] ready   RFC 9051 section 7
    if line.upper().startswith(b"* CAPABILITY "):
        return decode(line).upper().split()[2:]
    status = responses.status(line)
    if status is not None and status.code.name == "CAPABILITY":
        return status.code.data.upper().split()
    return []


def listed(capabilities: Mapping[str, Iterable[str]] | Iterable[str]) -> Offers:
    """List capabilities in order, each with its parameters."""
    if isinstance(capabilities, Mapping):
        return tuple(sorted(" ".join([name, *each]) for name, each in capabilities.items()))
    return tuple(sorted(capabilities))


def ask_again(session: object) -> Flow[Offers | None]:
    """Ask an open session what the server offers now; `None` where it does not tell.

    RFC 9051 section 6.1.1, RFC 2449 section 5, RFC 5321 section 4.1.1.1.
    """
    # CAPABILITY, CAPA, EHLO: each is valid at any time outside of a transaction.
    with suppress(ReplyError):
        if isinstance(session, ImapSession):
            yield from session.capability()
            return listed(session.capabilities)
        if isinstance(session, Pop3Session) and session.capabilities:
            body = yield from session.multiline(b"CAPA")
            return listed(pop3.capabilities(body.splitlines()))
        if isinstance(session, SmtpSession) and session.capabilities:
            yield from session.greet_again()
            return listed(session.capabilities)
    return None


def require_grammar(session: object) -> None:
    """Turn the tolerances for known servers off, where a session has some."""
    if isinstance(session, ImapSession):
        session.strict = True


def listed_by(session: object) -> Offers | None:
    """Return what a session knows to be offered; `None` if it knows nothing."""
    if isinstance(session, ImapSession | Pop3Session | SmtpSession):
        return listed(session.capabilities) or None
    return None


def deviations(session: object) -> list[str]:
    """List what the server has sent against the grammar, as far as the session has kept it."""
    if not isinstance(session, ImapSession):
        return []
    return [f"{each.reason} was expected: {decode(each.data[:80])}" for each in session.unparsed]


def mechanisms_in(offers: Iterable[str]) -> Offers:
    """List the SASL mechanisms among capabilities."""
    found: dict[str, None] = {}
    for offer in offers:
        name, *parameters = offer.split()
        # IMAP: AUTH=PLAIN; SMTP: AUTH PLAIN LOGIN, and AUTH=PLAIN of old servers; POP3: SASL PLAIN
        if name.startswith("AUTH="):
            parameters = [name.removeprefix("AUTH="), *parameters]
        elif name not in {"AUTH", "SASL"}:
            continue
        found.update(dict.fromkeys(each.upper() for each in parameters))
    return tuple(sorted(found))


def offers_clear_login(protocol: MailProtocol, offers: Iterable[str]) -> bool:
    """Return whether capabilities that are offered in clear invite to send a password in clear."""
    offers = tuple(offers)
    if _SHOWS_SECRET.intersection(mechanisms_in(offers)):
        return True
    # "the LOGIN command MUST NOT be used" where LOGINDISABLED is, RFC 9051 section 6.2.3; USER is
    # that of POP3, RFC 2449 section 6.2.
    if protocol is MailProtocol.IMAP:
        return "LOGINDISABLED" not in offers
    return protocol is MailProtocol.POP3 and "USER" in offers


def withdrawn(before: Iterable[str] | None, after: Iterable[str] | None) -> Offers:
    """List the capabilities that were offered and are not any more, but those that should end."""
    if before is None or after is None:
        return ()
    # Parameters may change: SIZE is larger for a user that has logged in.
    gone = {each.split()[0] for each in before} - {each.split()[0] for each in after}
    return tuple(sorted(each for each in gone if each.partition("=")[0] not in _PASSING))
