"""Search keys that extensions add."""

import pytest

from netmail import UsageError
from netmail import search as S  # noqa: N812


@pytest.mark.parametrize(
    ("key", "written"),
    [
        (S.fuzzy(S.subject("IMAP")), 'FUZZY SUBJECT "IMAP"'),
        (S.fuzzy(S.text("a") & S.seen()), 'FUZZY (TEXT "a" SEEN)'),
        (~S.fuzzy(S.seen()), "NOT FUZZY SEEN"),
        (S.fuzzy(~S.seen()), "FUZZY NOT SEEN"),
        (S.email_id("M6d99ac3275bb4e"), "EMAILID M6d99ac3275bb4e"),
        (S.thread_id("-0_"), "THREADID -0_"),
        (S.filter_("on-the-road"), "FILTER on-the-road"),
        # RFC 5257 section 4.5, its example
        (S.annotation("/comment", "value", "IMAP4"), 'ANNOTATION "/comment" "value" "IMAP4"'),
        (S.gmail_raw("has:attachment"), 'X-GM-RAW "has:attachment"'),
        (S.gmail_message(2**64 - 1), "X-GM-MSGID 18446744073709551615"),
        (S.gmail_thread(1), "X-GM-THRID 1"),
        (S.gmail_label("Büro"), 'X-GM-LABELS "B&APw-ro"'),
        (S.gmail_label(r"\Inbox"), r'X-GM-LABELS "\\Inbox"'),
        (S.keys(" SEEN  NEW "), "SEEN  NEW"),
    ],
    ids=str,
)
def test_written(key, written):
    """Each key is written as its extension has it."""
    assert str(key) == written


@pytest.mark.parametrize(
    "use",
    [
        lambda: S.email_id(""),
        lambda: S.email_id("a b"),
        lambda: S.email_id("é"),
        lambda: S.thread_id("x" * 256),
        lambda: S.thread_id(5),
        lambda: S.filter_("a b"),
        lambda: S.gmail_label(""),
        lambda: S.gmail_label("a\n"),
        lambda: S.gmail_message(-1),
        lambda: S.gmail_message("5"),
        lambda: S.gmail_thread(2**64),
        lambda: S.gmail_raw("a\r\nb"),
        lambda: S.keys(""),
        lambda: S.keys("(SEEN"),
        lambda: S.keys("SEEN\r\nT9 DELETE INBOX"),
        lambda: S.keys("RETURN (COUNT) ALL"),
    ],
)
def test_refused(use):
    """What no server would read as one key is refused."""
    with pytest.raises(UsageError):
        use()
