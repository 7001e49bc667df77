"""ID, where the server cannot be asked, or tells nothing."""

import pytest

from netmail.errors import CapabilityError, UsageError
from netmail.flows.imap.extensions.identification import id
from support.imap_sessions import fresh, logged_in, run


def with_id():
    """Return a session with a server that has the extension."""
    return logged_in("ID")


def test_without_the_capability():
    """Nothing is sent to a server without it."""
    with pytest.raises(CapabilityError, match="ID"):
        run(lambda imap: id(imap, None), "")


@pytest.mark.parametrize("lines", ["", "S: * ID NIL\n", "S: * ID x\n", "S: * ID\n"])
def test_nothing(lines):
    """A server that tells nothing, or what is no ID, has none: it is never needed."""
    transcript = f'C: T1 ID ("name" "x")\n{lines}S: T1 OK done'

    assert run(lambda imap: id(imap, {"name": "x"}), transcript, with_id) == {}


def test_before_the_login():
    """RFC 2971 section 3.1: "The ID command MAY be sent in any state"."""

    def before():
        session = fresh()
        session.capabilities = frozenset({"ID"})
        return session

    transcript = 'C: T1 ID NIL\nS: * ID ("Name" "x")\nS: T1 OK done'
    assert run(lambda imap: id(imap, None), transcript, before) == {"name": "x"}


def test_wrong_fields():
    """What breaks the grammar is refused before anything is sent."""
    with pytest.raises(UsageError):
        run(lambda imap: id(imap, {"name": "x\r\nT9 LOGOUT"}), "", with_id)
