"""Events of mailboxes that are not selected: NOTIFY.

This file knows how they are asked for, and neither how they are read nor what waits for them.

RFC 5465.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final, TypeAlias

from netmail.errors import UsageError
from netmail.flows.flow import Flow
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.select import select_again
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.results.imap_events import MailboxStatus
from netmail.text import strings
from netmail.wire.imap.encode import Argument, Literal, split_at_spaces
from netmail.wire.imap.status_att import status_att_list

NotifyFolders: TypeAlias = str | Iterable[str] | Mapping[str | tuple[str, ...], str | Iterable[str]]
"""Mailboxes to report on: "personal", "inboxes" or "subscribed", or a list of names; or several of
these, each with its events, in a dictionary."""

Groups: TypeAlias = tuple[Argument, ...]
"""The event groups of one NOTIFY as they are written; `()` for no event at all."""

MESSAGES: Final = ("MessageNew", "MessageExpunge", "FlagChange", "AnnotationChange")
"""Events of messages: those that the selected mailbox can have too."""

EVENTS: Final = {
    each.upper(): each
    for each in (
        *MESSAGES,
        *("MailboxName", "SubscriptionChange"),
        *("MailboxMetadataChange", "ServerMetadataChange"),
    )
}
"""All events, RFC 5465 section 8: message-event, mailbox-event, server-event."""

OF_SELECTED: Final = "MessageNew MessageExpunge FlagChange"
"""What a server reports of the selected mailbox where NOTIFY was never used."""

OF_OTHERS: Final = "MessageNew MessageExpunge MailboxName SubscriptionChange"
"""What is asked for of other mailboxes: flags of all of them would be many."""

SCOPES: Final = frozenset({"inboxes", "personal", "subscribed"})
"""Mailboxes by what they are: RFC 5465 section 8, filter-mailboxes-other."""


def notify(
    session: ImapSession,
    folders: NotifyFolders | None,
    events: str | Iterable[str] = OF_OTHERS,
    *,
    selected: str | Iterable[str] | None = OF_SELECTED,
    subtree: bool = False,
    status: bool = False,
) -> Flow[list[MailboxStatus]]:
    """Ask for events of mailboxes that are not selected: NOTIFY.

    RFC 5465 section 3.1.
    """
    groups = event_groups(session, folders, events, selected=selected, subtree=subtree)
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("NOTIFY", "notify()")
    return (yield from set_groups(session, groups, status=status))


def set_groups(session: ImapSession, groups: Groups, *, status: bool) -> Flow[list[MailboxStatus]]:
    """Ask for event groups in place of all before, and read the numbers that come with it.

    RFC 5465 section 3.1.
    """
    # notify = "NOTIFY" SP (notify-set / notify-none), notify-set = "SET" [status-indicator] SP
    # event-groups
    #
    # C: T1 NOTIFY SET STATUS (selected (MessageNew MessageExpunge)) (personal (MailboxName))
    # S: * STATUS "Lists/Lemonade" (UIDVALIDITY 4 UIDNEXT 9999 MESSAGES 500)
    # S: T1 OK done
    arguments: list[Argument] = [b"NONE"]
    if groups:
        arguments = [b"SET", b"STATUS", *groups] if status else [b"SET", *groups]
    collected = Responses(
        nesting=session.reader.limits.nesting, utf8=session.is_utf8, kinds=("STATUS",)
    )
    yield from session.settle()
    responses = yield from session.command("NOTIFY", *arguments, collected=collected)
    # "The effect of a successful NOTIFY command lasts until the next NOTIFY command or until the
    # IMAP connection is closed."
    was_blind, session.notified = not reports_selected(session), groups
    # "A successful NOTIFY SET command implies an implicit NOOP command"; but once Dovecot 2.3 was
    # to report nothing, it does so until the mailbox is selected again.
    opened = session.mailbox
    if was_blind and opened is not None and reports_selected(session):
        yield from select_again(session, opened.name, examined=opened.examined)
    read = partial(status_att_list, strict=session.strict)
    received = session.read_each(read, responses.named("STATUS"))
    return [MailboxStatus(name, numbers) for name, numbers in received]


def event_groups(
    session: ImapSession,
    folders: NotifyFolders | None,
    events: str | Iterable[str] = OF_OTHERS,
    *,
    selected: str | Iterable[str] | None = OF_SELECTED,
    subtree: bool = False,
) -> Groups:
    """Write which events of which mailboxes are wanted.

    Raises:
        UsageError: If an event or a mailbox is none, or events are not complete.

    RFC 5465 section 8: event-groups.
    """
    # event-groups = event-group *(SP event-group), event-group = "(" filter-mailboxes SP events ")"
    groups: list[Argument] = []
    # "If the SELECTED/SELECTED-DELAYED mailbox selector is not specified in the NOTIFY SET command,
    # this means that the client doesn't want to receive any <message-event>s for the currently
    # selected mailbox", RFC 5465 section 3.1.
    if selected is not None:
        groups.append(b"(selected " + _events(selected, messages=True) + b")")
    if isinstance(folders, Mapping):
        groups += [
            _group(session, where, wanted, subtree=subtree) for where, wanted in folders.items()
        ]
    elif folders is not None:
        groups.append(_group(session, folders, events, subtree=subtree))
    return tuple(groups)


def reports_selected(session: ImapSession) -> bool:
    """Tell whether the server reports what happens in the selected mailbox."""
    groups = session.notified
    # "Until the NOTIFY command is used for the first time, the server only [...] notifies the
    # client about these events on the selected mailbox", RFC 5465 section 3.1.
    return groups is None or any(
        isinstance(group, bytes) and group.startswith(b"(selected ") for group in groups
    )


def _group(
    session: ImapSession, where: str | Iterable[str], events: str | Iterable[str], *, subtree: bool
) -> tuple[bytes | Literal, ...]:
    # filter-mailboxes-other = "inboxes" / "personal" / "subscribed" / ("subtree" SP
    # one-or-more-mailbox) / ("mailboxes" SP one-or-more-mailbox), one-or-more-mailbox = mailbox /
    # "(" mailbox *(SP mailbox) ")"
    end = b" " + _events(events) + b")"
    if isinstance(where, str) and where.lower() in SCOPES:
        return (b"(" + where.lower().encode("ascii") + end,)
    names = strings(where, "mailboxes")
    if not names:
        raise UsageError("notify() needs a mailbox, personal, inboxes or subscribed")
    parts: list[bytes | Literal] = []
    for name in names:
        written = session.mailbox_argument(name)
        parts += (b" ", *written) if isinstance(written, tuple) else (b" ", written)
    kind = b"subtree" if subtree else b"mailboxes"
    return (b"(" + kind + b" (", *parts[1:], b")" + end)


def _events(given: str | Iterable[str], *, messages: bool = False) -> bytes:
    """Write events; without any, that there are to be none."""
    # events = ("(" event *(SP event) ")") / "NONE"
    names: list[str] = []
    for name in split_at_spaces(given, "events"):
        event = EVENTS.get(name.upper())
        if event is None:
            raise UsageError(f"{name!r:.60} is no event; there are {', '.join(EVENTS.values())}")
        if messages and event not in MESSAGES:
            # "It is an error to specify other types of events with either the SELECTED or the
            # SELECTED-DELAYED selector", RFC 5465 section 6.1.
            raise UsageError(f"{event} is no event of the selected mailbox, but of others")
        names.append(event)
    # "If one of MessageNew or MessageExpunge is specified, then both events MUST be specified", and
    # with FlagChange and AnnotationChange "MessageNew and MessageExpunge MUST also be specified",
    # RFC 5465 section 5.
    both = {"MessageNew", "MessageExpunge"}
    if {*MESSAGES} & {*names} and not both.issubset(names):
        raise UsageError(f"events of messages need {' and '.join(sorted(both))}")
    return b"(" + " ".join(names).encode("ascii") + b")" if names else b"NONE"
