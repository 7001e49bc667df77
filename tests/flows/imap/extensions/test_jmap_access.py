"""GETJMAPACCESS, where the server cannot be asked."""

import pytest

from netmail.errors import CapabilityError, StateError
from netmail.flows.imap.extensions.jmap_access import jmap_access
from support.imap_sessions import fresh, run


def test_without_the_capability():
    """Nothing is sent to a server without it, or before the login."""
    with pytest.raises(CapabilityError, match="JMAPACCESS"):
        run(jmap_access, "")
    with pytest.raises(StateError):
        run(jmap_access, "", fresh)
