"""The state of a copy, as JSON, and changes applied to it."""

import json

import pytest

from netmail.errors import UsageError
from netmail.results.imap_sync import Changes, SyncState

STATE = SyncState(7, 12, {1: (), 2: (r"\Seen", "$x")})


def test_json():
    """A state survives JSON."""
    assert SyncState.from_dict(json.loads(json.dumps(STATE.to_dict()))) == STATE


WRONG = [
    {},
    {"uid_validity": 1, "highest_modseq": "2", "flags": {}},
    {"uid_validity": 1, "highest_modseq": 2, "flags": []},
    {"uid_validity": 1, "highest_modseq": 2, "flags": {"x": []}},
    {"uid_validity": 1, "highest_modseq": 2, "flags": {"1": 5}},
]


@pytest.mark.parametrize("values", WRONG, ids=str)
def test_no_state(values):
    """What is no state is refused."""
    with pytest.raises(UsageError):
        SyncState.from_dict(values)


def test_apply():
    """What is gone is taken out, what is changed and new is put in."""
    changes = Changes(STATE, {3: ()}, {2: ("x",)}, (1,), is_reset=False, means="QRESYNC")

    assert changes.apply(STATE.flags) == {2: ("x",), 3: ()}


def test_reset():
    """After a reset nothing of the old picture is left."""
    changes = Changes(STATE, {3: ()}, {}, (), is_reset=True, means="FLAGS")

    assert changes.apply(STATE.flags) == {3: ()}
