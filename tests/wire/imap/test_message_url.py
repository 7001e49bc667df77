"""URLs of messages on the server."""

import pytest

from netmail.errors import UsageError
from netmail.wire.imap.message_url import MessageUrl


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (MessageUrl("INBOX", 7), "/INBOX/;UID=7"),
        (
            MessageUrl("Drafts", 20, "1.MIME", 385759045),
            "/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1.MIME",
        ),
        (MessageUrl("a/b", 7, partial=(0, 1024)), "/a/b/;UID=7/;PARTIAL=0.1024"),
        (MessageUrl("Grüße & mehr", 7), "/Gr%C3%BC%C3%9Fe%20&%20mehr/;UID=7"),
        (MessageUrl('50% ;UID=1 "\\', 7), "/50%25%20%3BUID=1%20%22%5C/;UID=7"),
        (
            MessageUrl("x", 7, "HEADER.FIELDS (TO)"),
            "/x/;UID=7/;SECTION=HEADER.FIELDS%20(TO)",
        ),
    ],
)
def test_url(url, text):
    """A mailbox and a section are UTF-8 in percent-encoding; no character of theirs is a URL's."""
    assert str(url) == text


@pytest.mark.parametrize(
    "given",
    [
        {"folder": ""},
        {"folder": "a\r\nb"},
        {"folder": None},
        {"section": "a\0"},
        {"section": 1},
        {"uid": 0},
        {"uid": 1 << 32},
        {"uid": "1:5"},
        {"uid": True},
        {"uidvalidity": 0},
        {"partial": (0, 0)},
        {"partial": (-1, 5)},
        {"partial": 5},
        {"partial": ("0", "5")},
    ],
    ids=repr,
)
def test_no_url(given):
    """What names no message is refused when it is made."""
    with pytest.raises(UsageError):
        MessageUrl(**{"folder": "x", "uid": 7, **given})
