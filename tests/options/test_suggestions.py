"""The option that was meant by an unknown name."""

import pytest

from netmail.options.suggestions import nearest_name
from netmail.options.values import OPTIONS


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("usernam", "username"),
        ("USERNAME", "username"),
        ("verify", "verify_peer"),
        ("time_out", "timeout"),
        ("user", "username"),
        ("starttls", "tls"),
        ("use_ssl", "tls_implicit"),
        ("folder", "mailbox"),
        ("SSL_CONTEXT", "ca_file"),
    ],
)
def test_nearest_name(name, meant):
    """A misspelt name leads to the option, and so does the name that another library has."""
    assert nearest_name(name, OPTIONS) == meant


@pytest.mark.parametrize("name", ["", "x" * 1_000_000, 5, None, "\ud800"], ids=ascii)
def test_any_name_leads_to_an_option(name):
    """Whatever was written, an option is suggested."""
    assert nearest_name(name, OPTIONS) in OPTIONS
