"""What mailboxes are for, by attributes and by names."""

import pytest

from netmail.results.imap_mailbox import SpecialUse
from netmail.wire.imap.special_use import NAMES, rank, uses_of


@pytest.mark.parametrize(
    ("attributes", "uses"),
    [
        ([], ()),
        (["\\HasNoChildren", "\\Sent"], ("sent",)),
        (["\\SENT", "\\Drafts", "\\sent"], ("sent", "drafts")),
        (["\\AllMail"], ("all",)),
        (["\\Spam"], ("junk",)),
        (["\\Starred", "\\Flagged"], ("flagged",)),
        (["\\Important", "\\X", "Sent", "\\Inbox"], ("important",)),
    ],
)
def test_attributes(attributes, uses):
    """Attributes of RFC 6154, RFC 8457 and XLIST, in any case."""
    assert uses_of(attributes) == uses


@pytest.mark.parametrize(
    ("name", "delimiter", "use"),
    [
        ("Sent", "/", "sent"),
        ("SENT ITEMS", "/", "sent"),
        ("INBOX.Gesendet", ".", "sent"),
        ("[Gmail]/Корзина", "/", "trash"),
        ("Entwürfe", None, "drafts"),
        ("垃圾邮件", "/", "junk"),
    ],
)
def test_known(name, delimiter, use):
    """A known name at the top, or one level below."""
    assert rank(name, delimiter, SpecialUse(use)) is not None


@pytest.mark.parametrize("name", ["Work/Old/Sent", "Sent/2024", "Consent", "Sent mails", ""])
def test_unknown(name):
    """Deeper levels and other names are none."""
    assert rank(name, "/", SpecialUse.SENT) is None


def test_order():
    """The top comes before what is below it, and the order of the table decides between two."""
    ranks = [rank(name, "/", SpecialUse.SENT) for name in ("Sent Items", "Sent", "x/Sent Items")]

    assert ranks == sorted(ranks)


def test_no_name_has_two_uses():
    """A name means one thing."""
    names = [name.strip() for text in NAMES.values() for name in text.split(",")]

    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert names == [name.lower() for name in names]
