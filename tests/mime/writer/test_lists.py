"""Mailing lists' fields, written (RFC 2369, RFC 2919, RFC 8058)."""

import pytest

from netmail.errors import MessageError
from netmail.mime.parser import parse
from support.messages import read, simple


def test_unsubscribe():
    """One-click unsubscribing has both headers (RFC 8058)."""
    built = simple().unsubscribe("https://example.org/u?id=1", "leave@example.org", one_click=True)
    mail = parse(built.as_bytes())

    assert (mail.headers["List-Unsubscribe"], mail.headers["List-Unsubscribe-Post"]) == (
        "<https://example.org/u?id=1>, <mailto:leave@example.org>",
        "List-Unsubscribe=One-Click",
    )


def test_unsubscribe_again():
    """A later call replaces, one click included."""
    built = simple().unsubscribe("https://x/u", one_click=True).unsubscribe("leave@x")

    assert (read(built)["List-Unsubscribe"], read(built)["List-Unsubscribe-Post"]) == (
        "<mailto:leave@x>",
        None,
    )


@pytest.mark.parametrize("urls", [[], ["leave@example.org"], ["http://example.org/u"]])
def test_one_click_needs_https(urls):
    """One click needs an https URL."""
    with pytest.raises(MessageError):
        simple().unsubscribe(*urls, one_click=True)


def test_mailing_list():
    """A list's headers are written."""
    built = simple().mailing_list(
        "news.example.org", "Nëws", post="news@example.org", archive="https://example.org/a"
    )
    mail = parse(built.as_bytes())

    assert (mail.headers["List-Id"], mail.headers["List-Post"], mail.headers["List-Archive"]) == (
        "Nëws <news.example.org>",
        "<mailto:news@example.org>",
        "<https://example.org/a>",
    )
