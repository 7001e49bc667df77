"""Mailboxes with what extensions know of them: LIST with options, XLIST, and special uses.

This file knows which command asks a server best, and no grammar.

RFC 9051 section 6.3.9; RFC 5258, RFC 5819, RFC 6154, RFC 8440, RFC 9590.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from netmail.errors import ImapError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.extensions.metadata import get_metadata
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.session import ImapSession
from netmail.flows.imap.status import status as status_of
from netmail.flows.imap.status import status_items
from netmail.results.imap import ImapState
from netmail.results.imap_mailbox import MailboxInfo, SpecialUse
from netmail.text import strings
from netmail.wire.imap import encode, special_use
from netmail.wire.imap.data.acl import myrights_data
from netmail.wire.imap.data.mailbox_info import mailbox_info
from netmail.wire.imap.data.metadata import entry, metadata_response
from netmail.wire.imap.encode import Argument, Literal
from netmail.wire.imap.status_att import StatusValue, status_att_list


def list_mailboxes(
    session: ImapSession,
    reference: str = "",
    pattern: str | Iterable[str] = "*",
    *,
    subscribed: bool = False,
    remote: bool = False,
    parents: bool = False,
    status: str | Iterable[str] = (),
    rights: bool = False,
    metadata: str | Iterable[str] = (),
) -> Flow[list[MailboxInfo]]:
    """List mailboxes with uses, numbers and rights: LIST with options, or what comes near it.

    RFC 9051 section 6.3.9; RFC 5258 section 3.
    """
    items, entries = status_items(status), [entry(each) for each in strings(metadata, "entries")]
    if rights:
        session.require("LIST-MYRIGHTS", "list_mailboxes(rights=True)")
    if entries and not _lists_metadata(session):
        session.require("METADATA", "list_mailboxes() with metadata")
    patterns = _patterns(session, pattern)
    arguments = [_written(session, reference), _one_or_more(patterns)]
    selecting = _selection(session, subscribed=subscribed, remote=remote, parents=parents)
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    if session.offers("LIST-EXTENDED"):
        returning = _return_options(session, items, entries, rights=rights)
        responses = yield from session.command("LIST", *selecting, *arguments, *returning)
        found = _read(session, responses, "LIST")
    else:
        found = []
        for each in patterns:
            found += yield from _list_simply(session, [arguments[0], each], subscribed=subscribed)
    if items and not session.offers("LIST-STATUS"):
        found = yield from _with_status(session, found, [item.decode("ascii") for item in items])
    if entries and not _lists_metadata(session):
        found = yield from _with_metadata(session, found, strings(metadata, "entries"))
    return found


def _list_simply(
    session: ImapSession, arguments: list[Argument], *, subscribed: bool
) -> Flow[list[MailboxInfo]]:
    """List mailboxes by a command without options.

    RFC 3501 sections 6.3.8 and 6.3.9.
    """
    verb = "LSUB" if subscribed else _list_verb(session)
    found = _read(session, (yield from session.command(verb, *arguments)), verb)
    if subscribed:  # LSUB has no attribute for it
        return [replace(each, attributes=(*each.attributes, r"\Subscribed")) for each in found]
    return found


def special(session: ImapSession, use: str) -> Flow[str | None]:
    """Find the mailbox of a special use: LIST RETURN (SPECIAL-USE), XLIST, or by its name.

    RFC 6154 section 2.
    """
    wanted = special_use_of(use)
    listed = [each for each in (yield from list_mailboxes(session)) if each.is_selectable]
    for mailbox in listed:
        if wanted in mailbox.uses:
            return mailbox.name
    # A guess is a tolerance for servers without SPECIAL-USE, and for accounts where no use was set.
    if session.strict:
        return None
    ranked = [
        (rank, mailbox.name)
        for mailbox in listed
        if not mailbox.uses
        and (rank := special_use.rank(mailbox.name, mailbox.delimiter, wanted)) is not None
    ]
    return min(ranked)[1] if ranked else None


def special_use_of(use: str) -> SpecialUse:
    """Read the name of a use.

    Raises:
        UsageError: If it is none.
    """
    name = str(use).lower()
    if name in set(SpecialUse):
        return SpecialUse(name)
    raise UsageError(f"a special use is one of {', '.join(SpecialUse)}, not {use!r:.60}")


def _patterns(session: ImapSession, pattern: str | Iterable[str]) -> list[Argument]:
    """Write the patterns, of which there is at least one.

    Raises:
        UsageError: If there is none.
    """
    written = [_written(session, each) for each in strings(pattern, "mailbox patterns")]
    if not written:
        raise UsageError("list_mailboxes() needs a pattern such as *")
    return written


def _written(session: ImapSession, text: str) -> Argument:
    return encode.mailbox_pattern(text, utf8=session.is_utf8) if text else b'""'


def _one_or_more(patterns: list[Argument]) -> Argument:
    # mbox-or-pat = list-mailbox / patterns, patterns = "(" list-mailbox *(SP list-mailbox) ")"
    if len(patterns) == 1:
        return patterns[0]
    parts: list[bytes | Literal] = []
    for each in patterns:
        parts += (b" ", *each) if isinstance(each, tuple) else (b" ", each)
    return (b"(", *parts[1:], b")")


def _selection(
    session: ImapSession, *, subscribed: bool, remote: bool, parents: bool
) -> list[Argument]:
    """Write which mailboxes are wanted, beside their names.

    Raises:
        CapabilityError: If the server has no LIST-EXTENDED, which it needs.
        UsageError: If parents are wanted of nothing.

    RFC 5258 section 3.1.
    """
    # list-select-opts = "(" [*(list-select-opt SP) list-select-base-opt *(SP list-select-opt)] ")"
    #
    # C: T1 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    # S: * LIST () "/" "foo" ("CHILDINFO" ("SUBSCRIBED"))
    # S: T1 OK done
    if remote or parents:
        session.require("LIST-EXTENDED", "list_mailboxes() with remote or parents")
    # "The RECURSIVEMATCH option MUST NOT occur as the only selection option (or only with REMOTE)".
    if parents and not subscribed:
        raise UsageError("parents are those of subscribed mailboxes: pass subscribed=True as well")
    wanted = ((b"SUBSCRIBED", subscribed), (b"REMOTE", remote), (b"RECURSIVEMATCH", parents))
    options = [name for name, is_wanted in wanted if is_wanted]
    return [b"(" + b" ".join(options) + b")"] if options else []


def _lists_metadata(session: ImapSession) -> bool:
    return session.offers("LIST-METADATA") and session.offers("LIST-EXTENDED")


def _return_options(
    session: ImapSession,
    items: list[bytes],
    entries: list[bytes | Literal],
    *,
    rights: bool,
) -> list[Argument]:
    # list-return-opts = "RETURN" SP "(" [list-return-opt *(SP list-return-opt)] ")",
    # list-return-opt = return-option,
    # return-option = "SUBSCRIBED" / "CHILDREN" / status-option / option-extension
    #
    # C: T1 LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES))
    # S: * LIST (\Subscribed \HasNoChildren \Sent) "/" Sent
    # S: * STATUS Sent (MESSAGES 3)
    # S: T1 OK done
    options = [b"SUBSCRIBED", b"CHILDREN"]
    if session.offers("SPECIAL-USE"):
        options.append(b"SPECIAL-USE")
    if rights:
        options.append(b"MYRIGHTS")
    if items and session.offers("LIST-STATUS"):
        options.append(b"STATUS (" + b" ".join(items) + b")")
    if not entries or not _lists_metadata(session):
        return [b"RETURN (" + b" ".join(options) + b")"]
    # return-option =/ "METADATA" SP "(" entry *(SP entry) ")" (RFC 9590 section 5)
    spaced = [part for each in entries for part in (b" ", each)][1:]
    return [(b"RETURN (" + b" ".join(options) + b" METADATA (", *spaced, b"))")]


def _list_verb(session: ImapSession) -> str:
    # A server with SPECIAL-USE "MAY include any or all of the following attributes in responses to
    # the non-extended IMAP LIST command", RFC 6154 section 2. XLIST is what Gmail had before.
    if session.offers("SPECIAL-USE") or "XLIST" not in session.capabilities:
        return "LIST"
    return "XLIST"


def _read(session: ImapSession, responses: Responses, verb: str) -> list[MailboxInfo]:
    """Read the mailboxes, with the numbers and the rights that came for them."""
    # "* STATUS" and "* MYRIGHTS" come for each mailbox after its "* LIST", RFC 5819 section 2.
    strict = session.strict
    read = partial(mailbox_info, strict=strict)
    listed = session.read_each(read, responses.named(verb), f'* {verb} () "/" name')
    counts = session.read_each(partial(status_att_list, strict=strict), responses.named("STATUS"))
    numbers = {_known_as(name): values for name, values in counts}
    granted = session.read_each(partial(myrights_data, strict=strict), responses.named("MYRIGHTS"))
    rights = {_known_as(name): letters for name, letters in granted}
    values: dict[str, dict[str, bytes | None]] = {}
    # "It may split the requested annotations into multiple METADATA responses for each mailbox",
    # RFC 9590 section 3.
    annotations = responses.named("METADATA")
    for name, given in session.read_each(partial(metadata_response, strict=strict), annotations):
        values.setdefault(_known_as(name), {}).update(given)
    for mailbox, written in listed:
        session.remember_name(mailbox.name, written)
    return [
        replace(
            each,
            status=numbers.get(name, {}),
            rights=rights.get(name),
            metadata=values.get(name, {}),
        )
        for each, _ in listed
        for name in [_known_as(each.name)]
    ]


def _with_status(
    session: ImapSession, found: list[MailboxInfo], items: list[str]
) -> Flow[list[MailboxInfo]]:
    """Ask for each mailbox's numbers, where LIST does not bring them."""
    counted: list[MailboxInfo] = []
    for each in found:
        numbers: dict[str, StatusValue] = {}
        # If it cannot be selected, "the STATUS response MUST NOT be returned", RFC 5819 section 2:
        # it is listed without numbers here too.
        if each.is_selectable:
            with suppress(ImapError):
                numbers = yield from status_of(session, each.name, items)
        counted.append(replace(each, status=numbers))
    return counted


def _with_metadata(
    session: ImapSession, found: list[MailboxInfo], entries: list[str]
) -> Flow[list[MailboxInfo]]:
    """Ask for each mailbox's annotations, where LIST does not bring them."""
    annotated: list[MailboxInfo] = []
    for each in found:
        values: dict[str, bytes | None] = {}
        if each.is_selectable:
            with suppress(ImapError):
                values = yield from get_metadata(session, each.name, entries, "0", None)
        annotated.append(replace(each, metadata=values))
    return annotated


def _known_as(name: str) -> str:
    # "The case-insensitive mailbox name INBOX", RFC 9051 section 5.1.
    return "INBOX" if name.upper() == "INBOX" else name
