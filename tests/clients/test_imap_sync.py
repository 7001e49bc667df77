"""What is different in a mailbox, by each means, while a second client changes it at random."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netmail import Imap, SyncState, Vanished

FLAGS = [r"\Seen", r"\Flagged", r"\Answered", "$Forwarded"]
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 3)),
        st.tuples(st.sampled_from(["+FLAGS", "-FLAGS", "FLAGS"]), st.sampled_from(FLAGS)),
        st.tuples(st.just("expunge"), st.integers(0, 99)),
    ),
    max_size=6,
)


@pytest.fixture(params=["dovecot", "cyrus"])
def account(request):
    """A user of each real server."""
    server = request.getfixturevalue(request.param)
    return server.url("imap", server.fresh_user())


def act(imap, kind, value, chance):
    """Change the mailbox as a second client does."""
    if kind == "append":
        for _ in range(value):
            act.count += 1
            imap.append("INBOX", b"Subject: %d\r\n\r\n" % act.count, FLAGS[: act.count % 3])
        return
    uids = imap.search("ALL", "INBOX")
    if not uids:
        return
    if kind == "expunge":
        imap.store(uids[value % len(uids)], "+FLAGS", r"\Deleted", "INBOX")
        imap.expunge("INBOX")
    else:
        imap.store(uids[: 1 + chance % len(uids)], kind, value, "INBOX")


act.count = 0


def picture_of(imap):
    """Ask for all flags, without the help of what is tested."""
    messages = imap.fetch_many("1:*", "FLAGS", "INBOX") if imap.select("INBOX")["exists"] else ()
    return {each.uid: tuple(sorted({*each.flags} - {r"\Recent"})) for each in messages}


@pytest.mark.parametrize("means", ["QRESYNC", "CONDSTORE", "FLAGS"])
def test_random_histories(account, means):
    """Changes applied to the old picture are the new picture, whatever has happened."""
    with Imap(account, tls=0) as imap, Imap(account, tls=0) as other:
        memory = {"state": None, "picture": {}}

        @settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
        @given(ACTS, st.integers(0, 99))
        def check(acts, chance):
            for kind, value in acts:
                act(other, kind, value, chance)
            changes = imap.sync("INBOX", memory["state"], means=means)
            before, memory["picture"] = memory["picture"], changes.apply(memory["picture"])

            assert memory["picture"] == picture_of(other)
            assert memory["picture"] == changes.state.flags
            assert before.keys().isdisjoint(changes.new)
            assert before.keys() >= changes.changed.keys()
            assert all(before[uid] != flags for uid, flags in changes.changed.items())
            memory["state"] = SyncState.from_dict(json.loads(json.dumps(changes.state.to_dict())))
            assert memory["state"] == changes.state

        check()
        assert imap.sync("INBOX", memory["state"]).new == {}


def test_means(account):
    """The best means that the server has is taken, and the first look asks for all."""
    with Imap(account, tls=0) as imap:
        imap.append("INBOX", b"Subject: one\r\n\r\n")
        first = imap.sync("INBOX")
        assert first.means == "FLAGS"
        assert first.is_reset
        second = imap.sync("INBOX", first.state)

        assert second.means == "QRESYNC"
        assert not second.is_reset
        assert second.new == second.changed == {}
        assert imap.sync("INBOX", second.state, means="condstore").means == "CONDSTORE"


def test_other_mailbox(account):
    """A mailbox that was made again has another UIDVALIDITY: nothing of the old one is kept."""
    with Imap(account, tls=0) as imap:
        imap.create("Work")
        imap.append("Work", b"Subject: one\r\n\r\n")
        before = imap.sync("Work")
        old = SyncState(before.state.uid_validity + 1, 5, {1: (), 7: (r"\Seen",)})
        changes = imap.sync("Work", old)

        assert changes.is_reset
        assert changes.apply(old.flags) == before.state.flags
        assert changes.vanished == ()


def test_conditions(account):
    """A flag that another client has changed meanwhile is not overwritten."""
    with Imap(account, tls=0) as imap, Imap(account, tls=0) as other:
        for number in range(3):
            imap.append("INBOX", b"Subject: %d\r\n\r\n" % number)
        modseq = imap.sync("INBOX").state.highest_modseq
        other.store(2, "+FLAGS", r"\Seen", "INBOX")

        assert imap.store([1, 2], "+FLAGS", r"\Flagged", unchanged_since=modseq) == (2,)
        changed = list(imap.fetch_many("1:*", "FLAGS", changed_since=modseq))
        assert [message.uid for message in changed] == [1, 2]
        assert all(message.modseq > modseq for message in changed)
        assert imap.search("FLAGGED") == [1]


@pytest.mark.parametrize("call", ["select", "examine"])
def test_known_mailbox(account, call):
    """A mailbox opened with what is known of it says what has changed since."""
    with Imap(account, tls=0) as imap, Imap(account, tls=0) as other:
        for number in range(4):
            imap.append("INBOX", b"Subject: %d\r\n\r\n" % number)
        before = other.select("INBOX", condstore=True)
        known = (before["uidvalidity"], before["highestmodseq"], "1:4")
        imap.store(2, "+FLAGS", r"\Flagged", "INBOX")
        imap.store([1, 3], "+FLAGS", r"\Deleted", "INBOX")
        imap.expunge("INBOX")
        imap.append("INBOX", b"Subject: new\r\n\r\n")
        after = getattr(other, call)("INBOX", qresync=known)

        assert list(after["vanished"]) == [1, 3]
        assert [each.uid for each in after["changed"]] == [2]
        assert r"\Flagged" in after["changed"][0].flags
        assert (after["exists"], after["read_only"]) == (3, call == "examine")
        # Without the known UIDs, new messages are among those that have changed.
        everything = getattr(other, call)("INBOX", qresync=known[:2])
        assert {1, 3} <= {*everything["vanished"]}
        assert {each.uid for each in everything["changed"]} == {2, 5}
        assert getattr(other, call)("INBOX", qresync=(known[0] + 1, 1))["changed"] == []


def test_vanished(account):
    """What is gone comes with what has changed, and the mailbox stays selected as it was."""
    with Imap(account, tls=0) as imap, Imap(account, tls=0) as other:
        for number in range(4):
            imap.append("INBOX", b"Subject: %d\r\n\r\n" % number)
        modseq = other.examine("INBOX", condstore=True)["highestmodseq"]
        imap.store(2, "+FLAGS", r"\Flagged", "INBOX")
        imap.store([1, 3], "+FLAGS", r"\Deleted", "INBOX")
        imap.expunge("INBOX")
        found = list(other.fetch_many("1:*", "FLAGS", changed_since=modseq, vanished=True))

        gone = [each for each in found if isinstance(each, Vanished)]
        assert {uid for each in gone for uid in each} == {1, 3}
        assert [each.uid for each in found if not isinstance(each, Vanished)] == [2]
        assert other.mailbox.read_only


def test_selected_before(account):
    """QRESYNC is turned on before SELECT, also where the mailbox was selected without it."""
    with Imap(account, tls=0) as imap, Imap(account, tls=0) as other:
        for number in range(2):
            imap.append("INBOX", b"Subject: %d\r\n\r\n" % number)
        imap.select("INBOX")
        first = imap.sync("INBOX")
        other.store(1, "+FLAGS", r"\Deleted", "INBOX")
        other.expunge()
        changes = imap.sync("INBOX", first.state)
        assert (changes.means, changes.vanished) == ("QRESYNC", (1,))
        other.store(2, "+FLAGS", r"\Deleted", "INBOX")
        other.expunge()

        # It is on: what is expunged is named by UID.
        gone = next(each for each in imap.idle(timeout=30) if isinstance(each, Vanished))
        assert gone == Vanished(((2, 2),))
