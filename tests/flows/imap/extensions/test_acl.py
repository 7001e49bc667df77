"""Rights: what is refused before anything is sent, and responses of other mailboxes."""

import pytest

from netmail.errors import CapabilityError, ProtocolError, StateError, UsageError
from netmail.flows.imap.extensions import acl
from netmail.results.access_rights import GrantableRights
from support.imap_sessions import fresh, logged_in, run

CALLS = {
    "get_acl": lambda imap: acl.get_acl(imap, "x"),
    "set_acl": lambda imap: acl.set_acl(imap, "x", "ann", "lr"),
    "delete_acl": lambda imap: acl.delete_acl(imap, "x", "ann"),
    "list_rights": lambda imap: acl.list_rights(imap, "x", "ann"),
    "my_rights": lambda imap: acl.my_rights(imap, "x"),
}


def with_acl():
    """Return a session with a server that has the extension."""
    return logged_in("ACL RIGHTS=texk")


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_without_the_capability(call):
    """Nothing is sent to a server without it, or before the login."""
    with pytest.raises(CapabilityError, match="ACL"):
        run(call, "")
    with pytest.raises(StateError):
        run(call, "", fresh)


@pytest.mark.parametrize(
    ("call", "sent", "lines", "expected"),
    [
        ("get_acl", 'GETACL "x"', "* ACL y ann r|* ACL x bob w", {"bob": frozenset("w")}),
        ("get_acl", 'GETACL "x"', "* ACL X ann rcd", {"ann": frozenset("r")}),
        ("my_rights", 'MYRIGHTS "x"', "* MYRIGHTS (x|* MYRIGHTS x r", frozenset("r")),
        (
            "list_rights",
            'LISTRIGHTS "x" "ann"',
            "* LISTRIGHTS x bob r|* LISTRIGHTS x ann l r",
            GrantableRights(frozenset("l"), (frozenset("r"),)),
        ),
    ],
)
def test_responses(call, sent, lines, expected):
    """The response of the mailbox counts, or the only one that there is."""
    received = "".join(f"S: {line}\n" for line in lines.split("|"))

    assert run(CALLS[call], f"C: T1 {sent}\n{received}S: T1 OK done", with_acl) == expected


@pytest.mark.parametrize(
    ("call", "sent", "lines"),
    [
        ("get_acl", 'GETACL "x"', ""),
        ("get_acl", 'GETACL "x"', "S: * ACL y ann r\nS: * ACL z ann r\n"),
        ("my_rights", 'MYRIGHTS "x"', "S: * MYRIGHTS (x)\n"),
        ("list_rights", 'LISTRIGHTS "x" "ann"', "S: * LISTRIGHTS x bob r\n"),
    ],
)
def test_no_response(call, sent, lines):
    """What is missing is not made up."""
    with pytest.raises(ProtocolError):
        run(CALLS[call], f"C: T1 {sent}\n{lines}S: T1 OK done", with_acl)


@pytest.mark.parametrize(
    "call",
    [
        lambda imap: acl.set_acl(imap, "x", "ann", "LR"),
        lambda imap: acl.set_acl(imap, "x", "", "lr"),
        lambda imap: acl.set_acl(imap, "", "ann", "lr"),
        lambda imap: acl.delete_acl(imap, "x", "a\r\nb"),
    ],
)
def test_wrong_arguments(call):
    """What is no right, user or mailbox is refused before anything is sent."""
    with pytest.raises(UsageError):
        run(call, "", with_acl)
