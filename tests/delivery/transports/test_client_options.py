"""Directives that become options of netmail's clients."""

import pytest

import netmail
from netmail import UsageError
from netmail.delivery.transports.client_options import client_options


def test_without_a_server():
    """The sentence names the transport and the directive."""
    with pytest.raises(UsageError, match="transport imap: the directive 'host' is missing"):
        client_options({"port": 143, "use": "imap"}, "transport imap")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"url": "imap://h"}, ("imap://h", {})),
        ({"host": "h", "use": "imap", "username": None}, (None, {"host": "h"})),
        ({"host": "h", "port": "143"}, (None, {"host": "h", "port": 143})),
        ({"host": "h", "tls": "ssl"}, (None, {"host": "h", "tls_implicit": True})),
        ({"host": "h", "tls": "optional"}, (None, {"host": "h", "tls": netmail.TLS_TRY})),
        ({"host": "h", "certfile": "c"}, (None, {"host": "h", "client_cert": "c"})),
    ],
)
def test_values(given, expected):
    """Each directive has its option; what is not given is left out."""
    assert client_options(given, "transport imap") == expected


@pytest.mark.parametrize("name", ["port", "timeout"])
@pytest.mark.parametrize("wrong", ["nan", "inf", "1e999", "x"])
def test_numbers_that_are_none(name, wrong):
    """Neither a port nor a duration."""
    with pytest.raises(UsageError, match=f"transport imap: {name} is '{wrong}', not a number"):
        client_options({"host": "h", name: wrong}, "transport imap")
