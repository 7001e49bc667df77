"""ENABLE: what may be turned on, and when."""

import pytest

from netmail.errors import CapabilityError, StateError, UsageError
from netmail.flows.imap.extensions.enable import REFUSED, enable
from support.imap_sessions import logged_in, run, selected

OFFERED = f"ENABLE CONDSTORE {' '.join(sorted(REFUSED))}"


def enabling(extensions):
    """Return the conversation."""
    return lambda imap: enable(imap, extensions)


def test_several_responses():
    """What any response names is on."""
    lines = "S: * ENABLED CONDSTORE\nS: * ENABLED x-a\nS: * ENABLED (x)\n"
    transcript = f"C: T1 ENABLE CONDSTORE X-A\n{lines}S: T1 OK done"

    found = run(
        enabling(["condstore", "X-A"]), transcript, lambda: logged_in("ENABLE CONDSTORE X-A")
    )
    assert found == ["CONDSTORE", "X-A"]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name):
    """What changes how names are written or messages are numbered is refused, though offered."""
    with pytest.raises(UsageError, match=f"does not take {name}"):
        run(enabling(f"CONDSTORE {name.lower()}"), "", lambda: logged_in(OFFERED))


def test_capabilities():
    """The server must have ENABLE, and what is enabled."""
    with pytest.raises(CapabilityError, match="needs ENABLE"):
        run(enabling("CONDSTORE"), "", lambda: logged_in("CONDSTORE"))
    with pytest.raises(CapabilityError, match="needs X-B"):
        run(enabling("CONDSTORE X-B"), "", lambda: logged_in(OFFERED))


def test_selected():
    """RFC 5161 section 3.1: it is not valid once a mailbox is selected."""
    with pytest.raises(StateError):
        run(enabling("CONDSTORE"), "", lambda: selected(OFFERED))


@pytest.mark.parametrize("extensions", ["", [], "A(B", ["A B"], [5], None])
def test_wrong_names(extensions):
    """Names are atoms."""
    with pytest.raises(UsageError):
        run(enabling(extensions), "", lambda: logged_in(OFFERED))
