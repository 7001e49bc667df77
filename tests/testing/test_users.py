"""The owner of each address."""

import pytest

from netmail.errors import UsageError
from netmail.testing.users import allowed, named, owner

USERS = ("ann@example.test", "bob")


@pytest.mark.parametrize(
    ("address", "user"),
    [
        ("ann@example.test", "ann@example.test"),
        ("<ann@example.test>", "ann@example.test"),
        ("Ann@EXAMPLE.test", "ann@example.test"),
        ("ann", "ann@example.test"),
        ("ann@elsewhere.test", None),
        ("bob", "bob"),
        ("bob@anywhere.test", "bob"),
        ("bobby@anywhere.test", None),
        ("", None),
        ("@", None),
        ("<>", None),
    ],
)
def test_owner(address, user):
    """The whole address or its local part must be a user's name."""
    assert owner(USERS, address) == user


def test_names_alone_get_passwords():
    """Each name gets a password of its own."""
    users = named(["a", "b"])

    assert list(users) == ["a", "b"]
    assert users["a"] != users["b"]


def test_a_single_name_is_one_user():
    """A string is a name, not an iterable of letters."""
    assert list(named("ann")) == ["ann"]


@pytest.mark.parametrize(
    "users",
    [[], {}, {"": "x"}, {"a": ""}, ["a\0"], {"a": "b\r\nc"}, 5, b"ann", [None], {"a": 5}, {1: "a"}],
)
def test_impossible_users_are_refused(users):
    """Names and passwords must be something that a client can send."""
    with pytest.raises(UsageError):
        named(users)


@pytest.mark.parametrize(
    ("name", "password", "right"),
    [("ü", "ß", True), ("ü", "s", False), ("u", "ß", False), ("ü", "", False)],
)
def test_allowed(name, password, right):
    """Only the user's own password opens the mailbox."""
    assert allowed({"ü": "ß"}, name, password) == right
