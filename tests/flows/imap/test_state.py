"""What a session remembers, and how responses change it."""

import pytest

from netmail.errors import CapabilityError, ProtocolError
from netmail.flows.imap.select import select
from support.imap_sessions import fresh, handshake_of, logged_in, run, selected
from support.replay import replay

LONG = "x y" * 400


def test_tags_cannot_be_guessed():
    """Two sessions have different tags, none of them like libcurl's A001."""
    one, other = fresh(), fresh()
    one._fixed_tag = other._fixed_tag = ""
    one._reset()
    other._reset()

    assert one._tag != other._tag
    assert len(one._tag) == 7


def test_new_connection_resets():
    """What one connection's server sent does not hold for the next."""
    imap = logged_in("IMAP4rev1 MOVE")
    imap.server_names["x"] = b"y"
    imap.uidvalidities["INBOX"] = 3
    replay(imap.open(handshake_of(*HANDSHAKE)), imap.reader, "")

    assert imap.capabilities == {"IMAP4REV1", "AUTH=PLAIN"}
    assert imap.server_names == {}
    assert imap.uidvalidities == {}


def test_unsolicited_updates():
    """Unsolicited responses keep the selected mailbox up to date."""
    imap = selected()
    transcript = """
        S: * 12 EXISTS
        S: * 3 EXPUNGE
        S: * 2 RECENT
        S: * FLAGS (\\Seen x]y)
        S: * OK [ALERT] The house is on fire
        C: T1 NOOP
        S: * 3 FETCH (FLAGS (\\Seen))
        S: * 13 EXISTS
        S: T1 OK done
    """
    replay(imap.noop(), imap.reader, transcript)

    assert imap.mailbox is not None
    assert imap.mailbox.exists == 13
    assert imap.mailbox.recent == 2
    assert imap.mailbox.flags == ["\\Seen", "x]y"]
    assert imap.alerts == ["The house is on fire"]


def test_alerts_are_bounded():
    """A server cannot fill the memory with alerts."""
    imap = logged_in()
    alerts = "".join(f"S: * OK [ALERT] {number} {LONG}\n" for number in range(150))
    replay(imap.noop(), imap.reader, f"C: T1 NOOP\n{alerts}S: T1 OK done")

    assert len(imap.alerts) == 100
    assert max(map(len, imap.alerts)) == 1000
    assert imap.alerts[-1].startswith("149 ")


GREETING = "S: * OK hello"


HANDSHAKE = [GREETING, "C: A001 CAPABILITY", "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN", "S: A001 OK"]


@pytest.mark.parametrize("code", [r"[\xd3\xca]", r"[\x9f]", r"[UIDNEXT -\xff]", r"[\xff 1]"])
@pytest.mark.parametrize("status", ["NO", "OK"])
def test_codes_that_are_not_utf_8(code, status):
    """A response code in another charset is a text like all others."""
    transcript = f'C: T1 SELECT "x"\nS: * 3 EXISTS\nS! * {status} {code}\\r\\n\nS: T1 OK done'

    state = run(lambda imap: select(imap, "x"), transcript)
    assert state["exists"] == 3
    with pytest.raises(ProtocolError):
        run(lambda imap: select(imap, "x"), transcript, strict=True)


@pytest.mark.parametrize(
    ("capabilities", "name", "offered"),
    [
        ("IMAP4rev1 MOVE", "MOVE", True),
        ("IMAP4rev1", "MOVE", False),
        ("IMAP4rev2", "MOVE", True),
        ("IMAP4rev2", "COMPRESS=DEFLATE", False),
    ],
)
def test_offers(capabilities, name, offered):
    """IMAP4rev2 contains some extensions, and not the others."""
    assert logged_in(capabilities).offers(name) is offered


def test_require():
    """What is missing is named in the error."""
    with pytest.raises(CapabilityError, match=r"get_quota\(\) needs QUOTA, which") as caught:
        logged_in("IMAP4rev1").require("QUOTA", "get_quota()")

    assert caught.value.capability == "QUOTA"
