"""Names of tables."""

import pytest

from netmail import MailboxInfo, SpecialUse, UsageError
from netmail.query.tables import TableNames, given_names, special_uses, table_names
from support.timing import cpu_limit


@pytest.mark.parametrize(
    ("mailbox", "name"),
    [
        ("INBOX", "INBOX"),
        ("Archive/2026", "Archive_2026"),
        ("[Gmail]/All Mail", "Gmail_All_Mail"),
        ("2026", "mailbox_2026"),
        ("Büro/Entwürfe", "Büro_Entwürfe"),
        ("class", "class_"),
        ("all", "all_"),
        ("tables", "tables_"),
        ("!!", "mailbox"),
        ("_x", "x"),
        ("INBOX.Sent-2", "INBOX_Sent_2"),
    ],
)
def test_names(mailbox, name):
    """A mailbox's name is made an identifier."""
    assert table_names([mailbox]) == {name: mailbox}
    assert name.isidentifier()


def test_collisions():
    """Mailboxes whose names become one have tables of their own."""
    assert table_names(["a/b", "a b", "a_b", "1", "2"]) == {
        "a_b": "a/b",
        "a_b_2": "a b",
        "a_b_3": "a_b",
        "mailbox_1": "1",
        "mailbox_2": "2",
    }


@pytest.mark.parametrize("name", ["a b", "", "_a", "all", "1a"])
def test_wrong_names(name):
    """A name that a caller gives can be an attribute."""
    with pytest.raises(UsageError):
        given_names({name: "INBOX"})


def test_uses():
    """The first mailbox of a use is the one."""
    found = [MailboxInfo(name, "/", (), (SpecialUse.SENT,)) for name in ("Sent", "Sent 2")]

    assert special_uses(found) == {"sent": "Sent"}


def test_called():
    """The names can be iterated, and called."""
    names = TableNames(["INBOX", "Sent"])

    assert names() == [*names] == ["INBOX", "Sent"]


def test_many_alike():
    """Thousands of mailboxes of one name take no time of their own: a server may name them so."""
    signs = str.maketrans("01", "!?")
    mailboxes = ["x", *(f"x{number:b}".translate(signs) for number in range(20_000))]

    with cpu_limit(5):
        names = table_names(mailboxes)

    assert list(names.values()) == mailboxes
    assert list(names)[:3] == ["x", "x_2", "x_3"]
