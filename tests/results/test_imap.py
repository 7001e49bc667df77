"""What the IMAP clients return, as values."""

import json

import pytest

from netmail import AppendResult, CopyResult, Flag, ImapState
from netmail.wire.imap.encode import flag_list


@pytest.mark.parametrize("result", [CopyResult(), AppendResult(), CopyResult(7, (1,), (2,))])
def test_success_is_true(result):
    """A result is true even if the server sends no UID: a refusal raises."""
    assert bool(result) is True


@pytest.mark.parametrize("result", [CopyResult(), AppendResult()])
def test_results_do_not_change(result):
    """They are values: equal by content, hashable, and without setters."""
    assert result == type(result)()
    assert hash(result) == hash(type(result)())
    with pytest.raises(AttributeError):
        result.uidvalidity = 1


@pytest.mark.parametrize("flags", [Flag.SEEN, [Flag.SEEN], (r"\Seen",), r"\Seen"])
def test_flags_are_their_names(flags):
    """A flag is a str, usable wherever flags are taken."""
    assert Flag.SEEN == r"\Seen"
    assert flag_list(flags) == rb"(\Seen)"


def test_all_flags():
    """Each is one that a command can carry, and that FETCH shows in the same form."""
    assert flag_list(Flag) == f"({' '.join(Flag)})".encode()


def test_states_are_their_text():
    """A state goes into a log or into JSON as it is."""
    assert f"{ImapState.SELECTED}" == "selected"
    assert json.dumps(ImapState.LOGOUT) == '"logout"'
