"""Quotas: what is refused before anything is sent, and what a server leaves out."""

import pytest

from netmail.errors import CapabilityError, ProtocolError, StateError, UsageError
from netmail.flows.imap.extensions.quota import get_quota, get_quota_root, set_quota
from netmail.results.quota import Quota, QuotaResource
from support.imap_sessions import fresh, logged_in, run

CALLS = {
    "get_quota": lambda imap: get_quota(imap, ""),
    "get_quota_root": lambda imap: get_quota_root(imap, "x"),
    "set_quota": lambda imap: set_quota(imap, "", {"STORAGE": 1}),
}


def with_quota(more=""):
    """Return a session with a server that has the extension."""
    return logged_in(f"QUOTA {more}")


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_without_the_capability(call):
    """Nothing is sent to a server without it, or before the login."""
    with pytest.raises(CapabilityError, match="QUOTA"):
        run(call, "")
    with pytest.raises(StateError):
        run(call, "", fresh)


def test_setting_needs_more():
    """A server of RFC 9208 announces SETQUOTA; one of RFC 2087 has it anyway."""
    with pytest.raises(CapabilityError, match="QUOTASET"):
        run(CALLS["set_quota"], "", lambda: with_quota("QUOTA=RES-STORAGE"))

    transcript = 'C: T1 SETQUOTA "" (STORAGE 1)\nS: T1 OK done'
    assert run(CALLS["set_quota"], transcript, with_quota) == Quota("")


def test_other_roots():
    """A response of another root is not taken for that of the one that was asked for."""
    lines = 'S: * QUOTA "x" (STORAGE 1 2)\nS: * QUOTA "" (STORAGE 3 4)\n'

    found = run(CALLS["get_quota"], f'C: T1 GETQUOTA ""\n{lines}S: T1 OK done', with_quota)
    assert found == Quota("", {"STORAGE": QuotaResource(3, 4)})


def test_missing_roots():
    """Of a root without a QUOTA response nothing is known."""
    lines = "S: * QUOTAROOT x a b\nS: * QUOTA b (STORAGE 3 4)\nS: * QUOTA c (STORAGE 5 6)\n"
    found = run(
        CALLS["get_quota_root"], f'C: T1 GETQUOTAROOT "x"\n{lines}S: T1 OK done', with_quota
    )

    assert found == [Quota("a"), Quota("b", {"STORAGE": QuotaResource(3, 4)})]


@pytest.mark.parametrize(
    ("call", "transcript"),
    [
        ("get_quota", 'C: T1 GETQUOTA ""\nS: T1 OK done'),
        ("get_quota", 'C: T1 GETQUOTA ""\nS: * QUOTA x ()\nS: T1 OK done'),
        ("get_quota_root", 'C: T1 GETQUOTAROOT "x"\nS: T1 OK done'),
        ("get_quota_root", 'C: T1 GETQUOTAROOT "x"\nS: * QUOTAROOT (x)\nS: T1 OK done'),
    ],
)
def test_no_response(call, transcript):
    """What is missing is not made up."""
    with pytest.raises(ProtocolError):
        run(CALLS[call], transcript, with_quota)


@pytest.mark.parametrize("root", ["a\r\nb", None, 5])
def test_wrong_root(root):
    """A name is text in one line."""
    with pytest.raises(UsageError):
        run(lambda imap: get_quota(imap, root), "", with_quota)
