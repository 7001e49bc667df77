"""Wrong types, everywhere: an error of netmail that says so, or a message; never anything else."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netmail.errors import MessageError, NetmailError, UsageError
from netmail.mime.fields import addresses as address_parse
from netmail.mime.writer.header_lines import address_field
from netmail.mime.writer.input_address import address_list
from netmail.mime.writer.message import Message
from support.timing import full

WEIRD = [
    None,
    5,
    1.5,
    object(),
    [],
    {},
    b"x",
    [None],
    (1, 2),
    {"a": None},
    {"a": 5},
    {1: "x"},
    [("a", "b", "c")],
    set(),
    True,
    ("a",),
    "",
    {"X-A": ["1", 2]},
    [b"X-A: 1"],
    [[]],
    (("a", "b"),),
]

SETTERS = [
    *("from_", "to", "cc", "bcc", "reply_to", "subject", "header", "attachment", "text", "html"),
    *("sender", "return_path", "date", "message_id", "seed", "encoding", "organization"),
    *("priority", "notify", "auto_submitted", "mailing_list", "unsubscribe", "calendar"),
    *("content", "embed", "attach"),
]


@pytest.mark.parametrize("setter", SETTERS)
@pytest.mark.parametrize("value", WEIRD, ids=lambda value: f"{value!r:.19}")
def test_setters(setter, value):
    """A setter that is given a wrong type raises an error of netmail's, or copes."""
    built = Message("a@example.org", "b@example.org", text="t")
    try:
        getattr(built, setter)(value)
    except NetmailError as error:
        assert str(error)  # noqa: PT017  # which error it is depends on the value
    else:
        assert built.as_bytes().startswith(b"From: ")


def test_nearest_field():
    """The error of an unknown keyword names the nearest one that exists."""
    with pytest.raises(UsageError, match="did you mean 'organization'"):
        Message(organisation="x")


@pytest.mark.parametrize("name", ["copy", "as_bytes", "retry", "_draft"])
def test_methods_are_no_fields(name):
    """Not every method is a keyword."""
    with pytest.raises(UsageError):
        Message(**{name: "x"})


def test_attributes_cannot_be_set():
    """Setting attributes, as in Marrow, fails loudly, and does not hide a method."""
    with pytest.raises(AttributeError):
        Message().subject = "x"


def test_pickle(tmp_path):
    """A message can be kept in a queue, and is written just the same afterwards."""
    path = tmp_path / "x.bin"
    path.write_bytes(b"x")
    built = Message("a@x", "b@x", "s", text="t", html="h").attachment(path).attachment(b"y", "y")
    before = built.as_bytes()

    assert pickle.loads(pickle.dumps(built)).as_bytes() == before


FRAGMENTS = [
    *("a@x", "b@y", "<c@z>", "Ann", " ", ", ", "<", ">", "(", ")", '"', "\\", ":", ";", ".", "@"),
    *("ü", "[127.0.0.1]", "=?utf-8?q?d=40x?=", '"e f"@x', '"G, H" <g@x>', "team: i@x;"),
]


@settings(max_examples=full(500, quick=100))
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=7).map("".join))
def test_one_meaning(text):
    """What is accepted means the same to our lenient reader, once written."""
    try:
        found = address_list(text)
    except MessageError:
        return
    field = address_field("To", found, utf8=True).decode()
    value = field.removeprefix("To:").replace("\r\n", "").strip()

    assert [_plain(item) for item in address_parse.address_list(value)] == [
        _plain(item) for item in found
    ]


def _plain(item):
    members = getattr(item, "mailboxes", None)
    if members is None:
        return " ".join(item.name.split()), item.address
    return " ".join(item.name.split()), [_plain(member) for member in members]
