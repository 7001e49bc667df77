"""EXPUNGE and UID EXPUNGE, exactly as they go over the wire."""

import pytest

from netmail.errors import CapabilityError
from netmail.flows.imap.expunge import expunge
from support.imap_sessions import run, selected

UIDPLUS = "IMAP4rev1 UIDPLUS"


def test_expunge():
    """EXPUNGE of all, and of some by UID."""
    everything = "C: T1 EXPUNGE\nS: * 4 EXPUNGE\nS: T1 OK done"
    some = "C: T1 UID EXPUNGE 4,6\nS: T1 OK done"

    assert run(lambda imap: expunge(imap, None, None), everything, selected) is True
    assert run(lambda i: expunge(i, None, {6, 4}), some, selected, capabilities=UIDPLUS) is True


def test_expunge_of_some_needs_uidplus():
    """Some UIDs are never expunged by a bare EXPUNGE."""
    with pytest.raises(CapabilityError):
        run(lambda imap: expunge(imap, "Other", [1]), "")
