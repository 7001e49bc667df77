"""ACL, LISTRIGHTS and MYRIGHTS: the samples of RFC 4314 section 3, and what is refused."""

import pytest

from netmail.errors import ProtocolError, UsageError
from netmail.results.access_rights import GrantableRights
from netmail.wire.imap.data.acl import (
    acl_data,
    identifier,
    listrights_data,
    mod_rights,
    myrights_data,
)
from support.imap_responses import data


def test_acl():
    """Rights by identifier; the virtual ones count for an old server only."""
    response = data(b'* ACL INBOX Fred rwcd David lrswideta "-x" ""')

    assert acl_data(response, strict=True) == (
        "INBOX",
        {"Fred": frozenset("rw"), "David": frozenset("lrswieta"), "-x": frozenset()},
    )
    assert acl_data(response, virtual=True)[1]["Fred"] == frozenset("rwcd")
    assert acl_data(data(b"* ACL x")) == ("x", {})


def test_listrights():
    """RFC 4314 section 3.7: what is always granted, and what together."""
    assert listrights_data(data(b'* LISTRIGHTS archive/imap anyone "" l r s w i p kc xd t e')) == (
        "archive/imap",
        "anyone",
        GrantableRights(frozenset(), tuple(frozenset(each) for each in "lrswipkxte")),
    )
    assert listrights_data(data(b"* LISTRIGHTS ~/Mail/saved smith la r swicdkxte"))[2] == (
        GrantableRights(frozenset("la"), (frozenset("r"), frozenset("swikxte")))
    )


def test_myrights():
    """RFC 4314 section 3.8: the user's own rights."""
    assert myrights_data(data(b"* MYRIGHTS INBOX rwiptsldaex"), strict=True) == (
        "INBOX",
        frozenset("rwiptslaex"),
    )


@pytest.mark.parametrize("read", [acl_data, listrights_data, myrights_data])
@pytest.mark.parametrize("rest", [b"", b"(x) y", b"x (y) z", b"x y (z)", b"x y NIL z"])
def test_no_rights(read, rest):
    """What is no list of rights is refused."""
    if read is listrights_data and rest in {b"x y (z)", b"x y NIL z"}:
        rest = b"x y"
    with pytest.raises(ProtocolError):
        read(data(b"* X " + rest))


@pytest.mark.parametrize(
    ("rights", "expected"), [("lrs", b'"lrs"'), ("+t1", b'"+t1"'), ("", b'""')]
)
def test_rights_are_written(rights, expected):
    """Rights replace, add or remove."""
    assert mod_rights(rights) == expected


@pytest.mark.parametrize("rights", ["L", "l r", "++l", 'l"', "l\r\n", None, 5, "ä"])
def test_wrong_rights(rights):
    """What is no right is refused before anything is sent."""
    with pytest.raises(UsageError):
        mod_rights(rights)


@pytest.mark.parametrize("user", ["", "a\r\nb", None, "\ud800"])
def test_wrong_identifier(user):
    """Rights are of somebody."""
    with pytest.raises(UsageError):
        identifier(user)
