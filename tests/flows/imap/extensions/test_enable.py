"""ENABLE: what may be turned on, and when."""

import pytest

from netmail.errors import CapabilityError, StateError, UsageError
from netmail.flows.imap.extensions.enable import enable
from support.imap_sessions import logged_in, run, selected

OFFERED = "IMAP4rev1 ENABLE CONDSTORE UTF8=ACCEPT UIDONLY IMAP4rev2"


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


@pytest.mark.parametrize("name", ["UTF8=ACCEPT", "IMAP4REV2"])
def test_utf8(name):
    """Names are in UTF-8 from then on; how the server wrote them before is forgotten."""
    sessions = []

    def make():
        sessions.append(logged_in(OFFERED))
        sessions[-1].server_names["R&D"] = b"R&D"
        return sessions[-1]

    run(enabling(name), f"C: T1 ENABLE {name}\nS: * ENABLED {name}\nS: T1 OK done", make)

    for session in sessions:
        assert session.is_utf8
        assert session.is_rev2 is (name == "IMAP4REV2")
        assert session.server_names == {}
        assert session.mailbox_argument("R&D Büro") == '"R&D Büro"'.encode()


def test_utf8_only():
    """A server of UTF-8 alone is asked for UTF8=ACCEPT: RFC 6855 section 6."""
    lines = "C: T1 ENABLE UTF8=ACCEPT\nS: * ENABLED UTF8=ACCEPT\nS: T1 OK done"

    found = run(enabling("UTF8=ACCEPT"), lines, lambda: logged_in("ENABLE UTF8=ONLY"))
    assert found == ["UTF8=ACCEPT"]


def test_not_enabled():
    """A server that does not confirm has not turned it on: names stay in modified UTF-7."""
    sessions = []

    def make():
        sessions.append(logged_in(OFFERED))
        return sessions[-1]

    run(enabling("UTF8=ACCEPT"), "C: T1 ENABLE UTF8=ACCEPT\nS: * ENABLED\nS: T1 OK done", make)

    assert sessions[0].mailbox_argument("Büro") == b'"B&APw-ro"'


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
