"""IMAP sessions for transcripts: logged in, with a mailbox selected, or just connected.

Tags are T1, T2, ... so that transcripts can name them.
"""

from collections.abc import Callable
from typing import TypeVar

from netmail.flows.flow import Flow
from netmail.flows.handshake import Handshake
from netmail.flows.imap.open_mailbox import OpenMailbox
from netmail.flows.imap.session import ImapSession
from netmail.limits import ServerLimits
from netmail.options.options import MailProtocol, parse_options
from netmail.results.imap import ImapState
from support.replay import replay_both

T = TypeVar("T")
Maker = Callable[[], ImapSession]


def handshake_of(*lines: str, encrypted: bool = False) -> Handshake:
    """A handshake, from lines such as "S: * OK hello"."""
    exchanged = tuple((line[0], line[3:].encode()) for line in lines)
    return Handshake(exchanged, encrypted=encrypted)


def fresh(*, limits: ServerLimits | None = None, **options) -> ImapSession:
    """A session before its connection."""
    return ImapSession(parse_options(MailProtocol.IMAP, host="localhost", **options), limits, "T")


def logged_in(capabilities: str = "IMAP4rev1", **options) -> ImapSession:
    """A session after the login, no mailbox selected."""
    made = fresh(**options)
    made.state = ImapState.AUTHENTICATED
    made.capabilities = frozenset(capabilities.upper().split())
    return made


def selected(capabilities: str = "IMAP4rev1", name: str = "INBOX", **options) -> ImapSession:
    """A session with a mailbox selected that holds ten messages."""
    made = logged_in(capabilities, **options)
    made.state = ImapState.SELECTED
    made.mailbox = OpenMailbox(name, exists=10)
    return made


def run(
    conversation: Callable[[ImapSession], Flow[T]],
    transcript: str,
    make: Maker = logged_in,
    **options,
) -> T:
    """Run a conversation whole and octet by octet, from fresh sessions."""
    return replay_both(lambda: make(**options), conversation, transcript)
