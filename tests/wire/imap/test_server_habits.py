"""Known servers: recognised by what they say first, and what is sent to them."""

import pytest

from netmail.flows.imap.store import store
from netmail.wire.imap.sequence_set import split_set
from netmail.wire.imap.server_habits import ANY, NETEASE, UW, YAHOO, habits_of
from support.imap_sessions import fresh, handshake_of, run, selected

GREETINGS = {
    "* OK Coremail System IMap Server Ready(163com[10774b])": NETEASE,
    "* OK IMAP4rev1 imapgate-1.8.4_01.20595 imap413.mail.ne1.yahoo.com": YAHOO,
    "* OK [CAPABILITY IMAP4REV1] localhost IMAP4rev1 2007f.404 at Sat, 1 Jan 2022": UW,
    "* OK Panda IMAP4 ready": UW,
    "* OK Dovecot ready.": ANY,
    "* OK Gimap ready for requests from 1.2.3.4 x": ANY,
    "* OK The Microsoft Exchange IMAP4 service is ready.": ANY,
    "": ANY,
}


@pytest.mark.parametrize("greeting", GREETINGS)
def test_greetings(greeting):
    """Each is recognised by its greeting."""
    assert habits_of(greeting.encode(), frozenset()) == GREETINGS[greeting]


def test_capability():
    """Yahoo is recognised by a capability of its own."""
    assert habits_of(b"* OK ready", frozenset({"XYMHIGHESTMODSEQ"})) == YAHOO


NETEASE_HELLO = handshake_of("S: * PREAUTH [CAPABILITY IMAP4rev1 ID] Coremail System")
ID = 'C: T1 ID ("name" "netmail")\n'


@pytest.mark.parametrize("ending", ["S: * ID NIL\nS: T1 OK done", "S: T1 NO not now"])
def test_id(ending):
    """It is sent first, and its refusal changes nothing."""
    run(lambda session: session.open(NETEASE_HELLO), ID + ending, fresh)


def test_strict():
    """With `strict` nothing is sent that was not asked for."""
    run(lambda session: session.open(NETEASE_HELLO), "", lambda: fresh(strict=True))


def test_without_id():
    """A server that does not offer ID gets none."""
    greeting = handshake_of("S: * PREAUTH [CAPABILITY IMAP4rev1] Coremail System")

    run(lambda session: session.open(greeting), "", fresh)


def test_sets():
    """Yahoo gets commands that it takes, others long ones."""
    uids = range(1, 801, 2)

    def lines(limit):
        whole = ",".join(map(str, uids))
        parts = split_set(whole, limit)
        assert ",".join(parts) == whole
        assert max(map(len, parts)) <= limit
        return "\n".join(
            f"C: T{number} UID STORE {part} +FLAGS (\\Seen)\nS: T{number} OK done"
            for number, part in enumerate(parts, 1)
        )

    def make(habits):
        session = selected()
        session.habits = habits
        return session

    def marked(session):
        return store(session, uids, "+FLAGS", r"\Seen", None)

    for habits, limit in ((YAHOO, 1_000), (ANY, 8_000)):
        assert run(marked, lines(limit), lambda habits=habits: make(habits)) is True
