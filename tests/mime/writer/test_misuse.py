"""Values of wrong types: each setter refuses or accepts each of them, by the class of its error."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netmail.errors import MessageError, UsageError
from netmail.mime.fields import addresses as address_parse
from netmail.mime.writer.header_lines import address_field
from netmail.mime.writer.input_address import address_list
from netmail.mime.writer.message import Message
from support.timing import full

VALUES = {
    "None": None,
    "int": 5,
    "float": 1.5,
    "object": object(),
    "empty list": [],
    "empty dict": {},
    "bytes": b"x",
    "list of None": [None],
    "pair of int": (1, 2),
    "dict of None": {"a": None},
    "dict of int": {"a": 5},
    "int as a key": {1: "x"},
    "triple": [("a", "b", "c")],
    "empty set": set(),
    "True": True,
    "tuple of str": ("a",),
    "empty str": "",
    "dict of a list": {"X-A": ["1", 2]},
    "list of bytes": [b"X-A: 1"],
    "list of lists": [[]],
    "tuple of a pair": (("a", "b"),),
}
NOTHING = {"empty list", "empty dict", "empty set"}
# Text, or several of them, of which none is an address.
NO_ADDRESS = {
    *("dict of None", "dict of int", "tuple of str", "empty str", "dict of a list"),
    "tuple of a pair",
}
# Names of files that do not exist.
NO_FILE = {"tuple of str", "empty str", "tuple of a pair"}
# Of each setter the values that it accepts, and those that it refuses as invalid. Every other value
# is of a wrong type for it.
OUTCOMES = {
    "from_": (set(), NO_ADDRESS | NOTHING),
    "to": (NOTHING, NO_ADDRESS),
    "cc": (NOTHING, NO_ADDRESS),
    "bcc": (NOTHING, NO_ADDRESS),
    "reply_to": (NOTHING, NO_ADDRESS),
    "subject": ({"empty str"}, set()),
    "header": (NOTHING | {"tuple of a pair"}, set()),
    "attachment": ({"empty list", "list of lists"}, NO_FILE),
    "text": ({"empty str"}, set()),
    "html": ({"empty str"}, set()),
    "sender": (set(), NO_ADDRESS | NOTHING),
    "return_path": ({"empty str"}, set()),
    "date": (set(), set()),
    "message_id": (set(), {"empty str"}),
    "seed": (set(), {"empty str"}),
    "encoding": (set(), {"empty str"}),
    "organization": ({"empty str"}, set()),
    "priority": ({"int"}, set()),
    "notify": (set(), NO_ADDRESS | NOTHING),
    "auto_submitted": (set(), set()),
    "mailing_list": (set(), {"empty str"}),
    "unsubscribe": (set(), {"empty str"}),
    "calendar": (set(), {"bytes", "empty str"}),
    "content": ({"None", "bytes", "empty str"}, set()),
    "embed": ({"empty list", "bytes", "list of bytes", "list of lists"}, NO_FILE),
    "attach": ({"empty list", "list of lists"}, NO_FILE),
}
ACCEPTED = [
    (setter, name)
    for setter, (accepted, _) in OUTCOMES.items()
    for name in VALUES
    if name in accepted
]
REFUSED = [
    (setter, name, MessageError if name in invalid else UsageError)
    for setter, (accepted, invalid) in OUTCOMES.items()
    for name in VALUES
    if name not in accepted
]


@pytest.mark.parametrize(("setter", "name"), ACCEPTED)
def test_accepted(setter, name):
    """A setter accepts values that mean nothing, or that it can write."""
    built = Message("a@example.org", "b@example.org", text="t")
    getattr(built, setter)(VALUES[name])

    assert built.as_bytes().startswith(b"From: ")


@pytest.mark.parametrize(("setter", "name", "error"), REFUSED)
def test_refused(setter, name, error):
    """A wrong type is a UsageError, a wrong value a MessageError; both have a sentence."""
    built = Message("a@example.org", "b@example.org", text="t")

    with pytest.raises(error, match=r"\w+ \w+") as caught:
        getattr(built, setter)(VALUES[name])
    assert type(caught.value) is error


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
