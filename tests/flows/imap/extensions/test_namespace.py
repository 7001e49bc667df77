"""NAMESPACE, where the server cannot be asked or does not respond."""

import pytest

from netmail.errors import CapabilityError, ProtocolError, StateError
from netmail.flows.imap.extensions.namespace import namespace
from netmail.results.namespaces import Namespace, Namespaces
from support.imap_sessions import fresh, logged_in, run


def offering(capabilities):
    """Return what makes a session with a server that offers so much."""
    return lambda: logged_in(capabilities)


def test_without_the_capability():
    """Nothing is sent to a server without it."""
    with pytest.raises(CapabilityError, match="NAMESPACE"):
        run(namespace, "")
    with pytest.raises(StateError):
        run(namespace, "", fresh)


def test_imap4rev2():
    """IMAP4rev2 contains it."""
    transcript = 'C: T1 NAMESPACE\nS: * NAMESPACE (("" "/")) NIL NIL\nS: T1 OK done'

    found = run(namespace, transcript, offering("IMAP4rev2"))
    assert found == Namespaces((Namespace("", "/"),))


@pytest.mark.parametrize("line", ["", "S: * NAMESPACE x\n", "S: * NAMESPACE ((\n"])
def test_unreadable(line):
    """No namespaces are not taken for none."""
    with pytest.raises(ProtocolError):
        run(namespace, f"C: T1 NAMESPACE\n{line}S: T1 OK done", offering("NAMESPACE"))
