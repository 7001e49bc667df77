"""What a session remembers, and how responses change it."""

import pytest

from netmail.errors import CapabilityError, ProtocolError
from netmail.flows.imap.select import select
from netmail.results.imap_mailbox import SelectedMailbox
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


def test_value_of_the_mailbox():
    """Response codes and VANISHED keep it true; the snapshot is a value of its own."""
    imap = selected()
    transcript = """
        S: * OK [UIDNEXT 40] next
        S: * OK [UIDVALIDITY 7] valid
        S: * OK [HIGHESTMODSEQ 715194045007]
        S: * OK [PERMANENTFLAGS (\\Seen \\*)] limited
        S: * VANISHED (EARLIER) 1:5
        S: * VANISHED 30:31,35
        C: T1 NOOP
        S: * OK [UIDNEXT x] nonsense
        S: * VANISHED x
        S: T1 OK [READ-ONLY] done
    """
    replay(imap.noop(), imap.reader, transcript)
    before = imap.mailbox.snapshot()
    imap.mailbox.exists = 9

    assert before == SelectedMailbox(
        name="INBOX",
        exists=7,
        recent=0,
        uid_next=40,
        uid_validity=7,
        highest_modseq=715194045007,
        flags=(),
        permanent_flags=("\\Seen", "\\*"),
        read_only=True,
    )
    assert len(imap.unparsed) == 1


def test_more_vanish_than_exist():
    """A server that names more messages than there were leaves none."""
    imap = selected()
    replay(imap.noop(), imap.reader, "S: * VANISHED 1:4294967295\nC: T1 NOOP\nS: T1 OK done")

    assert imap.mailbox.exists == 0


def test_closed():
    """What came before CLOSED is of the mailbox that was selected before."""
    imap = selected("IMAP4rev2")
    transcript = """
        C: T1 SELECT "Work"
        S: * 10 EXISTS
        S: * OK [CLOSED] closed
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 8] valid
        S: T1 OK [READ-WRITE] done
    """
    replay(select(imap, "Work"), imap.reader, transcript)

    assert imap.mailbox.exists == 3
    assert imap.mailbox.numbers == {"UIDVALIDITY": 8}


def test_enabled():
    """What ENABLE turns on adds up."""
    imap = selected()
    transcript = "S: * ENABLED condstore\nS: * ENABLED QRESYNC\nC: T1 NOOP\nS: T1 OK done"
    replay(imap.noop(), imap.reader, transcript)

    assert imap.enabled == {"CONDSTORE", "QRESYNC"}


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
