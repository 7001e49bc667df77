"""The rights of users on a mailbox: GETACL, SETACL, DELETEACL, LISTRIGHTS, MYRIGHTS.

This file knows the commands, and neither what a right allows nor how it is written.

RFC 4314 section 3.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from netmail.errors import ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.select import same_mailbox
from netmail.flows.imap.session import ImapSession
from netmail.results.access_rights import GrantableRights, Rights
from netmail.results.imap import ImapState
from netmail.wire.imap.data import acl

T = TypeVar("T")


def get_acl(session: ImapSession, name: str) -> Flow[dict[str, Rights]]:
    """Ask for the rights of all users: GETACL.

    RFC 4314 section 3.3.
    """
    # C: T1 GETACL "INBOX"
    # S: * ACL INBOX Fred rwipsldexta
    # S: T1 OK done
    mailbox = session.mailbox_argument(name)
    _require(session, "get_acl()")
    responses = yield from session.command("GETACL", mailbox)
    found = _read(session, acl.acl_data, responses, "ACL")
    return _of_mailbox(found, name, "ACL")


def set_acl(session: ImapSession, name: str, user: str, rights: str) -> Flow[bool]:
    """Grant or take rights: SETACL.

    RFC 4314 section 3.1.
    """
    # C: T1 SETACL "INBOX" "Fred" "+r"
    # S: T1 OK done
    arguments = session.mailbox_argument(name), acl.identifier(user), acl.mod_rights(rights)
    _require(session, "set_acl()")
    yield from session.command("SETACL", *arguments)
    return True


def delete_acl(session: ImapSession, name: str, user: str) -> Flow[bool]:
    """Take a user off the list: DELETEACL.

    RFC 4314 section 3.2.
    """
    # C: T1 DELETEACL "INBOX" "Fred"
    # S: T1 OK done
    arguments = session.mailbox_argument(name), acl.identifier(user)
    _require(session, "delete_acl()")
    yield from session.command("DELETEACL", *arguments)
    return True


def list_rights(session: ImapSession, name: str, user: str) -> Flow[GrantableRights]:
    """Ask what can be granted to a user: LISTRIGHTS.

    RFC 4314 section 3.4.
    """
    # C: T1 LISTRIGHTS "INBOX" "smith"
    # S: * LISTRIGHTS INBOX smith la r swicdkxte
    # S: T1 OK done
    arguments = session.mailbox_argument(name), acl.identifier(user)
    _require(session, "list_rights()")
    responses = yield from session.command("LISTRIGHTS", *arguments)
    found = _read(session, acl.listrights_data, responses, "LISTRIGHTS")
    named = [(mailbox, granted) for mailbox, other, granted in found if other == user]
    return _of_mailbox(named, name, "LISTRIGHTS")


def my_rights(session: ImapSession, name: str) -> Flow[Rights]:
    """Ask for the user's own rights: MYRIGHTS.

    RFC 4314 section 3.5.
    """
    # C: T1 MYRIGHTS "INBOX"
    # S: * MYRIGHTS INBOX rwiptsldaex
    # S: T1 OK done
    mailbox = session.mailbox_argument(name)
    _require(session, "my_rights()")
    responses = yield from session.command("MYRIGHTS", mailbox)
    found = _read(session, acl.myrights_data, responses, "MYRIGHTS")
    return _of_mailbox(found, name, "MYRIGHTS")


def _require(session: ImapSession, call: str) -> None:
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("ACL", call)


def _read(session: ImapSession, read: Callable[..., T], responses: Responses, kind: str) -> list[T]:
    # RFC 4314 section 5.1.1: RIGHTS= announces the rights that RFC 2086 does not have, and "MUST
    # include "t", "e", "x", and "k"". A server without it is one of RFC 2086, whose rights "c" and
    # "d" are real.
    virtual = not any(name.startswith("RIGHTS=") for name in session.capabilities)
    reader = partial(read, virtual=virtual, strict=session.strict)
    return session.read_each(reader, responses.named(kind))


def _of_mailbox(found: list[tuple[str, T]], name: str, kind: str) -> T:
    """Pick the response of the mailbox that was asked for, or the only one."""
    matching = [value for other, value in found if same_mailbox(other, name)]
    if not matching and len(found) == 1:
        return found[0][1]  # of a server that writes the name in another form
    if not matching:
        raise ProtocolError(f"no {kind} response came for the mailbox", b"", f"* {kind} name ...")
    return matching[-1]
