"""The fields of a table, and fields that are given by name."""

import pytest

from netmail import UsageError
from netmail.query.table import TableFields, field_names, order_of

T = TableFields("INBOX", "INBOX")
OTHER = TableFields("Sent", "Sent")


def test_fields():
    """Each field of the documentation is there, with its name."""
    names = (
        "id uid answered deleted draft flagged recent seen keywords size created modseq sent "
        "sender to cc bcc subject mime list_id message_id in_reply_to references content email "
        "filenames attachments encoding"
    )

    assert sorted(T.fields) == sorted(names.split())
    assert all(getattr(T, name).name == name for name in T.fields)
    assert all(f"{name}:" in (TableFields.__doc__ or "") for name in T.fields)


def test_names():
    """Fields are given by themselves or by name; none of them is all."""
    assert field_names([T.uid, "INBOX.sender", "subject", T.uid], "INBOX") == [
        *("uid", "sender", "subject")
    ]
    assert field_names([T.header("X-Y")], "INBOX") == ["header:x-y"]
    assert set(T.fields) - set(field_names([], "INBOX")) == {"modseq"}


def test_order():
    """An order is a field, the opposite of one, or several; the usual one costs nothing."""
    assert order_of(~T.created, "INBOX") == [("created", True)]
    assert order_of([T.subject, ~T.size], "INBOX") == [("subject", False), ("size", True)]
    assert order_of("size", "INBOX") == [("size", False)]
    assert order_of(~T.uid, "INBOX") == order_of(None, "INBOX") == []


@pytest.mark.parametrize("field", [OTHER.uid, "Sent.uid", "nothing", "INBOX.nothing", 5, None])
def test_wrong_fields(field):
    """A field of another table, or none at all, is refused."""
    with pytest.raises(UsageError):
        field_names([field], "INBOX")


@pytest.mark.parametrize("name", ["a b", "X) BODY[TEXT] (", "", "a\r\nb", "ä"])
def test_header_that_has_no_such_name(name):
    """A name is one name, and nothing else of a command."""
    with pytest.raises(UsageError):
        TableFields("INBOX", "INBOX").header(name)
