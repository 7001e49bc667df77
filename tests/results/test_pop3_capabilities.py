"""Typed views of CAPA's reply."""

import pytest

from netmail.results.pop3_capabilities import Expire, LoginDelay, Pop3Capabilities
from netmail.wire import pop3

LINES = [
    *(b"TOP", b"uidl", b"SASL plain SCRAM-SHA-256", b"RESP-CODES", b"AUTH-RESP-CODE"),
    *(b"PIPELINING", b"LOGIN-DELAY 900 user", b"EXPIRE 60", b"UTF8 USER", b"LANG"),
    *(b"IMPLEMENTATION Shlemazle Plotz v302", b"", b"X-OTHER"),
]


def test_all():
    """Each view is of the line that the server has sent, in any case."""
    found = pop3.capabilities(LINES)

    assert found.expire == Expire(60, per_user=False)
    assert found.login_delay == LoginDelay(900, per_user=True)
    assert found.implementation == "Shlemazle Plotz v302"
    assert found.sasl == ("PLAIN", "SCRAM-SHA-256")
    assert all([found.top, found.uidl, found.pipelining, found.resp_codes, found.auth_resp_code])
    assert all([found.utf8, found.utf8_user, found.lang])
    assert found["X-OTHER"] == ()


def test_nothing():
    """What is not offered is None or false."""
    found = Pop3Capabilities()

    assert [found.expire, found.login_delay, found.implementation, found.sasl] == [
        *(None, None, None, ()),
    ]
    assert not any([found.top, found.uidl, found.pipelining, found.resp_codes])
    assert not any([found.auth_resp_code, found.utf8, found.utf8_user, found.lang])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"EXPIRE NEVER", Expire(None, per_user=False)),
        (b"EXPIRE never USER", Expire(None, per_user=True)),
        (b"EXPIRE 0", Expire(0, per_user=False)),
        (b"EXPIRE 5 USER", Expire(5, per_user=True)),
        (b"EXPIRE", None),
        (b"EXPIRE soon", None),
        (b"EXPIRE -1", None),
        (b"EXPIRE " + b"9" * 5000, None),
        (b"EXPIRE \xd9\xa1", None),
    ],
)
def test_expire(line, expected):
    """Days, for ever, or nothing that can be read."""
    assert pop3.capabilities([line]).expire == expected


def test_utf8_without_user():
    """UTF8 alone says nothing of names and passwords."""
    found = pop3.capabilities([b"UTF8"])

    assert found.utf8
    assert not found.utf8_user
