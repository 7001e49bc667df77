"""Mailboxes made, deleted, renamed, subscribed to: CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE.

This file knows what becomes of the selected mailbox, and nothing of messages.

RFC 9051 sections 6.3.4 to 6.3.8; RFC 3691 (UNSELECT).
"""

from netmail.errors import ImapError
from netmail.flows.flow import Flow
from netmail.flows.imap.mailbox_info import special_use_of
from netmail.flows.imap.mailbox_list import list_mailboxes
from netmail.flows.imap.open_mailbox import OpenMailbox
from netmail.flows.imap.select import leave, same_mailbox, select_again
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState


def create(session: ImapSession, name: str, use: str | None = None) -> Flow[list[str]]:
    """Make a mailbox, for a special use if one is given: CREATE.

    RFC 9051 section 6.3.4; RFC 6154 section 3.
    """
    # create = "CREATE" SP mailbox [SP "(" create-param *(SP create-param) ")"],
    # create-param =/ "USE" SP "(" [use-attr *(SP use-attr)] ")"
    #
    # C: T1 CREATE "MySpecial" (USE (\Drafts))
    # S: T1 OK done
    if use is None:
        yield from _mailbox_command(session, "CREATE", name)
        return [name]
    attribute = special_use_of(use).capitalize()
    argument = session.mailbox_argument(name)
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("CREATE-SPECIAL-USE", "create(use=...)")
    yield from session.command("CREATE", argument, b"(USE (\\%s))" % attribute.encode("ascii"))
    return [name]


def delete(session: ImapSession, name: str) -> Flow[list[str]]:
    """Delete a mailbox and its messages: DELETE.

    RFC 9051 section 6.3.5.
    """
    session.mailbox_argument(name)  # raises before anything is left
    selected = session.mailbox
    if selected is None or not same_mailbox(selected.name, name):
        yield from _mailbox_command(session, "DELETE", name)
        return [name]
    # RFC 9051 does not say what is selected once the selected mailbox is gone; Dovecot ends the
    # connection. So nothing is.
    yield from _leave_for(session, selected, "DELETE", name)
    return [name]


def rename(session: ImapSession, old_name: str, new_name: str) -> Flow[list[str]]:
    """Rename a mailbox: RENAME.

    RFC 9051 section 6.3.6.
    """
    for name in (old_name, new_name):
        session.mailbox_argument(name)  # raises before anything is left
    selected = session.mailbox
    # What becomes of the selected mailbox is not defined: Dovecot ends the connection, and Cyrus
    # expunges all messages from the session. So it is left before, and selected again after.
    renamed = (yield from _renamed(session, selected.name, old_name, new_name)) if selected else ""
    if selected is None or not renamed:
        yield from _mailbox_command(session, "RENAME", old_name, new_name)
        return [new_name]
    yield from _leave_for(session, selected, "RENAME", old_name, new_name)
    # Its messages are the same as before, and so must its UIDs be; INBOX has none any more.
    if renamed != selected.name and selected.name in session.uidvalidities:
        session.uidvalidities[renamed] = session.uidvalidities[selected.name]
    else:
        session.uidvalidities.pop(renamed, None)
    yield from select_again(session, renamed, examined=selected.examined)
    return [new_name]


def subscribe(session: ImapSession, name: str) -> Flow[bool]:
    """Add a mailbox to the subscribed ones: SUBSCRIBE.

    RFC 9051 section 6.3.7.
    """
    return (yield from _mailbox_command(session, "SUBSCRIBE", name))


def unsubscribe(session: ImapSession, name: str) -> Flow[bool]:
    """Take a mailbox from the subscribed ones: UNSUBSCRIBE.

    RFC 9051 section 6.3.8.
    """
    return (yield from _mailbox_command(session, "UNSUBSCRIBE", name))


def _renamed(session: ImapSession, name: str, old_name: str, new_name: str) -> Flow[str]:
    """Find the name that RENAME gives to the mailbox `name`; "" if RENAME does not concern it."""
    # "Renaming INBOX is permitted [...] It moves all messages in INBOX to a new mailbox with the
    # given name, leaving INBOX empty. If the server implementation supports inferior hierarchical
    # names of INBOX, these are unaffected by a rename of INBOX", RFC 9051 section 6.3.6.
    if old_name.upper() == "INBOX":
        return name if name.upper().startswith("INBOX") else ""
    if name == old_name:
        return new_name
    if not name.startswith(old_name):
        return ""
    # "the inferior hierarchical names MUST also be renamed": whether this is one of them, the
    # delimiter tells.
    entries = yield from list_mailboxes(session, old_name, "")
    delimiter = next((entry["delimiter"] for entry in entries), None)
    if not delimiter or not name.startswith(old_name + delimiter):
        return ""
    return new_name + name.removeprefix(old_name)


def _leave_for(session: ImapSession, selected: OpenMailbox, verb: str, *names: str) -> Flow[None]:
    """Send a command while no mailbox is selected; select it again if the server refuses."""
    yield from leave(session)
    try:
        yield from _mailbox_command(session, verb, *names)
    except ImapError:
        yield from select_again(session, selected.name, examined=selected.examined)
        raise


def _mailbox_command(session: ImapSession, verb: str, *names: str) -> Flow[bool]:
    """Send a command whose arguments are names of mailboxes."""
    # create = "CREATE" SP mailbox; delete, subscribe and unsubscribe are alike.
    # rename = "RENAME" SP mailbox SP mailbox
    #
    # C: T1 RENAME "Entw&APw-rfe" "Drafts"
    # S: T1 OK done
    arguments = [session.mailbox_argument(name) for name in names]
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    yield from session.command(verb, *arguments)
    return True
