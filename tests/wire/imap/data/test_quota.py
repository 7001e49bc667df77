"""QUOTA and QUOTAROOT: the samples of RFC 9208 section 4, and what servers write."""

import pytest

from netmail.errors import ProtocolError, UsageError
from netmail.results.quota import Quota, QuotaResource
from netmail.wire.imap.data.quota import (
    LARGEST,
    quota_response,
    quotaroot_response,
    setquota_list,
)
from support.imap_responses import data


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'"" (STORAGE 10 512)', Quota("", {"STORAGE": QuotaResource(10, 512)})),
        (
            b'"!partition/sda4" (STORAGE 104 10923847)',
            Quota("!partition/sda4", {"STORAGE": QuotaResource(104, 10923847)}),
        ),
        (
            b"x (message 5 6 Storage 9223372036854775807 9223372036854775807)",
            Quota(
                "x", {"MESSAGE": QuotaResource(5, 6), "STORAGE": QuotaResource(LARGEST, LARGEST)}
            ),
        ),
        (b'"" ()', Quota("")),
    ],
)
def test_quota(line, expected):
    """Usage and limit by name; 64 bits are enough for any."""
    assert quota_response(data(b"* QUOTA " + line), strict=True) == expected


def test_no_limit():
    """A negative limit is none, and costs no other resource."""
    response = data(b'* QUOTA "" (STORAGE 5 -1 MESSAGE 1 2)')

    assert quota_response(response) == Quota("", {"MESSAGE": QuotaResource(1, 2)})
    with pytest.raises(ProtocolError):
        quota_response(response, strict=True)


@pytest.mark.parametrize("line", [b"", b"x", b"(STORAGE 1 2)", b"x (STORAGE 1)", b"x () y"])
def test_no_quota(line):
    """What has another form is refused."""
    with pytest.raises(ProtocolError):
        quota_response(data(b"* QUOTA " + line))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'INBOX ""', ("INBOX", ("",))),
        (b"comp.mail.mime", ("comp.mail.mime", ())),
        (
            b'"Entw&APw-rfe" #user/alice "!partition/sda4"',
            ("Entwürfe", ("#user/alice", "!partition/sda4")),
        ),
    ],
)
def test_quotaroot(line, expected):
    """A mailbox has any number of roots."""
    assert quotaroot_response(data(b"* QUOTAROOT " + line), strict=True) == expected


@pytest.mark.parametrize("line", [b"", b"(x)", b"x (y)", b"x NIL"])
def test_no_quotaroot(line):
    """What has another form is refused."""
    with pytest.raises(ProtocolError):
        quotaroot_response(data(b"* QUOTAROOT " + line))


def test_limits():
    """Limits are written as they are given."""
    assert setquota_list({"storage": 512, "MESSAGE": 0}) == b"(STORAGE 512 MESSAGE 0)"
    assert setquota_list({}) == b"()"


@pytest.mark.parametrize(
    "limits", [{"STORAGE": -1}, {"STORAGE": LARGEST + 1}, {"A B": 1}, {"A": "1"}, {"A": True}]
)
def test_wrong_limits(limits):
    """What is no limit is refused before anything is sent."""
    with pytest.raises(UsageError):
        setquota_list(limits)
