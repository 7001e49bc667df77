"""What a mailbox's attributes mean."""

import pytest

from netmail import MailboxInfo, SpecialUse


@pytest.mark.parametrize(
    ("attributes", "selectable", "subscribed", "children"),
    [
        ("", True, False, None),
        (r"\HASCHILDREN \subscribed", True, True, True),
        (r"\HasNoChildren", True, False, False),
        (r"\NoInferiors", True, False, False),
        (r"\NoSelect", False, False, None),
        (r"\NonExistent \Subscribed", False, True, None),
    ],
)
def test_attributes(attributes, selectable, subscribed, children):
    """Attributes are read in any case, RFC 9051 section 7.3.1."""
    mailbox = MailboxInfo("x", "/", tuple(attributes.split()))

    assert mailbox.is_selectable is selectable
    assert mailbox.is_subscribed is subscribed
    assert mailbox.has_children is children


def test_uses_are_text():
    """A use is compared and printed as the word that `special()` takes."""
    assert SpecialUse.SENT == "sent"
    assert f"{SpecialUse.JUNK}" == "junk"
