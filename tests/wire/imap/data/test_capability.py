"""What a server offers, by name or within IMAP4rev2."""

import pytest

from netmail.wire.imap.data.capability import IN_REV2, is_offered, names


@pytest.mark.parametrize(
    ("capability", "capabilities", "offered"),
    [
        ("IDLE", {"IDLE"}, True),
        ("IDLE", {"IMAP4REV1"}, False),
        ("IDLE", {"IMAP4REV2"}, True),
        ("NOTIFY", {"IMAP4REV2"}, False),
        ("NOTIFY", {"IMAP4REV2", "NOTIFY"}, True),
    ],
)
def test_is_offered(capability, capabilities, offered):
    """A name counts by itself, and what RFC 9051 appendix E folds in counts with IMAP4rev2."""
    assert is_offered(capability, capabilities) is offered


def test_folded_in():
    """What needs a capability of its own in IMAP4rev2 is not folded in."""
    assert IN_REV2.isdisjoint({"BINARY", "CONDSTORE", "QRESYNC", "LITERAL+", "NOTIFY"})


def test_names_are_shared():
    """Connections to one server have one set between them."""
    text = " imap4REV1 Idle  IDLE"

    assert names(text) == {"IMAP4REV1", "IDLE"}
    assert names(text) is names("".join(text))
