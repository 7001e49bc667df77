"""The state of a maildrop: stored, loaded, and what is no state."""

import json

import pytest

from netmail.errors import UsageError
from netmail.results.maildrop_state import MaildropState

STATE = MaildropState(["b", "a" * 512, "!~"], {"b"})


def test_json():
    """A state survives JSON."""
    assert MaildropState.from_dict(json.loads(json.dumps(STATE.to_dict()))) == STATE
    assert STATE.to_dict() == {"seen": ["!~", "a" * 512, "b"], "deleting": ["b"]}


def test_new():
    """A new one has nothing, and is like another one with nothing."""
    assert MaildropState() == MaildropState.from_dict({"seen": [], "deleting": []})
    assert MaildropState() != STATE
    assert STATE != 5


def test_it_changes():
    """What changes cannot be a key."""
    with pytest.raises(TypeError):
        hash(STATE)


def test_shown():
    """It shows how much it has."""
    assert repr(STATE) == "<MaildropState seen=3 deleting=1>"


WRONG = [
    *({}, [], None, "text", {"seen": []}, {"seen": [], "deleting": [], "more": []}),
    *({"seen": "ab", "deleting": []}, {"seen": [], "deleting": {}}, {"seen": [1], "deleting": []}),
    *({"seen": [""], "deleting": []}, {"seen": ["a b"], "deleting": []}),
    *({"seen": ["a\r\n"], "deleting": []}, {"seen": ["é"], "deleting": []}),
    *({"seen": ["x" * 513], "deleting": []}, {"seen": [None], "deleting": []}),
]


@pytest.mark.parametrize("values", WRONG, ids=str)
def test_no_state(values):
    """What is no state is refused when it is loaded."""
    with pytest.raises(UsageError):
        MaildropState.from_dict(values)


@pytest.mark.parametrize("seen", ["ab", b"ab", 5, [b"a"]])
def test_no_ids(seen):
    """And when it is made."""
    with pytest.raises(UsageError):
        MaildropState(seen)
