"""Annotations of mailboxes and of the server: GETMETADATA, SETMETADATA.

This file knows the commands and which capability each needs, and no grammar.

RFC 5464 section 4.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from netmail.errors import CapabilityError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.select import same_mailbox
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.text import strings
from netmail.wire.imap.data.metadata import entry, entry_values, metadata_response
from netmail.wire.imap.encode import Argument, Literal
from netmail.wire.number import number

DEPTHS = ("0", "1", "infinity")
"""What DEPTH may be: the entry alone, with those below it, with all below it."""


def get_metadata(
    session: ImapSession,
    name: str,
    entries: str | Iterable[str],
    depth: str,
    max_size: int | None,
) -> Flow[dict[str, bytes | None]]:
    """Ask for annotations: GETMETADATA.

    RFC 5464 section 4.2.
    """
    # getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries
    #
    # C: T1 GETMETADATA "INBOX" ("/shared/comment" "/private/comment")
    # S: * METADATA "INBOX" (/shared/comment "Shared comment")
    # S: T1 OK done
    names = [entry(each) for each in strings(entries, "entries")]
    if not names:
        raise UsageError("get_metadata() needs at least one entry such as /private/comment")
    options = _options(depth, max_size)
    mailbox = _target(session, name)
    _require(session, name, "get_metadata()")
    listed: list[bytes | Literal] = []
    for each in names:
        listed += (b" ", each)
    written: Argument = (b"(", *listed[1:], b")")
    # The options are before the mailbox in the grammar of RFC 5464 section 5, which counts; the
    # samples of sections 4.2.1 and 4.2.2 have them after it.
    responses = yield from session.command("GETMETADATA", *options, mailbox, written)
    read = partial(metadata_response, strict=session.strict)
    found = session.read_each(read, responses.named("METADATA"), "* METADATA name (/entry value)")
    values: dict[str, bytes | None] = {}
    for other, given in found:
        if other == name or same_mailbox(other, name):
            values |= given
    return values


def set_metadata(
    session: ImapSession, name: str, values: Mapping[str, str | bytes | None]
) -> Flow[bool]:
    """Set or remove annotations: SETMETADATA.

    RFC 5464 section 4.3.
    """
    # C: T1 SETMETADATA "INBOX" ("/private/comment" "My comment")
    # S: T1 OK done
    written = entry_values(values)
    mailbox = _target(session, name)
    _require(session, name, "set_metadata()")
    yield from session.command("SETMETADATA", mailbox, written)
    return True


def _target(session: ImapSession, name: str) -> Argument:
    # "When the mailbox name is the empty string, this command retrieves server annotations."
    return b'""' if name == "" else session.mailbox_argument(name)


def _require(session: ImapSession, name: str, call: str) -> None:
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    # "METADATA-SERVER" announces annotations of the server only, RFC 5464 section 1.
    if session.offers("METADATA") or (name == "" and session.offers("METADATA-SERVER")):
        return
    needed = "METADATA" if name else "METADATA-SERVER"
    raise CapabilityError(f"{call} needs {needed}, which the server does not offer", needed)


def _options(depth: str, max_size: int | None) -> list[Argument]:
    # getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"
    if depth not in DEPTHS:
        raise UsageError(f"the depth is one of {', '.join(DEPTHS)}, not {depth!r:.60}")
    options: list[bytes] = []
    if max_size is not None:
        options.append(b"MAXSIZE %d" % number(max_size, "the largest size", least=0))
    if depth != "0":
        options.append(b"DEPTH " + depth.encode("ascii"))
    return [b"(" + b" ".join(options) + b")"] if options else []
