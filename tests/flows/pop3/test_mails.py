"""New mail: what is new, when a message counts as handed over, and when it is deleted."""

import pytest

from netmail.errors import DeletionsRefused, Pop3Error, UsageError
from netmail.flows.flow import PEEK, Send, Values
from netmail.flows.pop3 import mails
from netmail.results.maildrop_state import MaildropState
from support.pop3_steps import leave, session
from support.replay import collected, replay, replay_both

UIDL = "C: UIDL\nS: +OK\nS: 1 aa\nS: 2 bb\nS: 3 cc\nS: .\n"


def body(text):
    """Return the reply to RETR."""
    return f"S: +OK\nS: Subject: {text}\nS:\nS: .\n"


def run(state, lines, *, delete=False, make=session):
    """Return the subjects of what is handed over."""

    def converse(current):
        own = MaildropState(state.seen, state.deleting)
        found = yield from collected(mails.mails(current, own, delete=delete))
        return [(mail.uid, mail.unique_id, mail.subject) for mail in found], own.to_dict()

    return replay_both(make, converse, lines)


def test_new_ones():
    """What the state has is left out; what is gone is forgotten."""
    found, state = run(
        MaildropState(["bb", "gone"]), f"{UIDL}C: RETR 1\nC: RETR 3\n{body('one')}{body('three')}"
    )

    assert found == [(1, "aa", "one"), (3, "cc", "three")]
    assert state == {"seen": ["aa", "bb", "cc"], "deleting": []}


def test_nothing_is_new():
    """Then UIDL is all that is sent."""
    assert run(MaildropState(["aa", "bb", "cc"]), UIDL)[0] == []


def test_delete():
    """A message is marked when the next one is asked for, and nothing else waits for that."""
    lines = (
        f"{UIDL}C: RETR 1\nC: RETR 3\n{body('one')}C: DELE 1\n{body('three')}C: DELE 3\n"
        "S: +OK\nS: +OK"
    )
    found, state = run(MaildropState(["bb"]), lines, delete=True)

    assert [subject for _, _, subject in found] == ["one", "three"]
    assert state == {"seen": ["aa", "bb", "cc"], "deleting": ["aa", "cc"]}


def test_delete_one_by_one():
    """Without PIPELINING each command waits."""
    lines = (
        f"{UIDL}C: RETR 1\n{body('one')}C: DELE 1\nS: +OK\nC: RETR 2\n{body('two')}"
        f"C: DELE 2\nS: +OK\nC: RETR 3\n{body('three')}C: DELE 3\nS: +OK"
    )
    found, _ = run(MaildropState(), lines, delete=True, make=lambda: session(()))

    assert [subject for _, _, subject in found] == ["one", "two", "three"]


def test_deletions_that_were_lost():
    """What was marked in vain is marked again, and not fetched again; not without `delete`."""
    state = MaildropState(["aa", "bb"], ["bb", "gone"])
    lines = f"{UIDL}C: DELE 2\nC: RETR 3\nS: +OK\n{body('three')}C: DELE 3\nS: +OK"
    _, kept = run(state, lines, delete=True)
    _, other = run(state, f"{UIDL}C: RETR 3\n{body('three')}")

    assert kept == {"seen": ["aa", "bb", "cc"], "deleting": ["bb", "cc"]}
    assert other == {"seen": ["aa", "bb", "cc"], "deleting": ["bb"]}


def test_copies():
    """Two messages with one unique-id are handed over both."""
    lines = f"C: UIDL\nS: +OK\nS: 1 aa\nS: 2 aa\nS: .\nC: RETR 1\nC: RETR 2\n{body('x')}{body('x')}"
    found, _ = run(MaildropState(), lines)

    assert found == [(1, "aa", "x"), (2, "aa", "x")]


def test_refused_messages():
    """They come last, and are not in the state."""
    state = MaildropState()
    current = session()
    lines = (
        f"{UIDL}C: RETR 1\nC: RETR 2\nC: RETR 3\n{body('one')}S: -ERR [SYS/TEMP] no\n{body('3')}"
    )
    with pytest.raises(Pop3Error, match="1 messages were refused") as caught:
        replay(collected(mails.mails(current, state, delete=False)), current.reader, lines)

    assert caught.value.transient
    assert state.seen == {"aa", "cc"}


def test_refused_deletions():
    """They are raised at the end, and tried again by the next call."""
    state = MaildropState(["aa", "bb"])
    current = session()
    lines = f"{UIDL}C: RETR 3\n{body('three')}C: DELE 3\nS: -ERR no"
    with pytest.raises(DeletionsRefused):
        replay(collected(mails.mails(current, state, delete=True)), current.reader, lines)

    assert state.deleting == {"cc"}
    assert not current.messages.marked


def test_without_uidl():
    """A server without UIDL has no new mail to tell apart."""
    with pytest.raises(Pop3Error, match="what"):
        run(MaildropState(), "C: UIDL\nS: -ERR what")


def step(flow, reader, *replies):
    """Run a flow to its next values; return them and what it sends before."""
    sent, octets = [], iter(replies)
    for request in flow:
        if isinstance(request, Values):
            return request.values, b"".join(sent)
        if isinstance(request, Send):
            sent.append(request.data)
        elif request is not PEEK:
            reader.feed(next(octets))
    raise AssertionError("the flow has ended")


def test_left():
    """A message counts when the next one is asked for; its DELE is sent before anything else."""
    current, state = session(), MaildropState()
    flow = mails.mails(current, state, delete=True)
    message = b"+OK\r\nSubject: x\r\n\r\n.\r\n"
    step(flow, current.reader, b"+OK\r\n1 aa\r\n2 bb\r\n.\r\n", message + message)
    before = set(state.seen)
    [second], sent = step(flow, current.reader)
    asked = leave(flow, current.reader, b"+OK marked\r\n")

    assert before == set()
    assert sent == b"DELE 1\r\n"
    assert second.unique_id == "bb"
    assert len(asked) == 1
    assert state == MaildropState(["aa"], ["aa"])
    assert current.messages.marked == {1}


@pytest.mark.parametrize(("since", "delete"), [({}, False), ("aa", False), (None, 1), (None, None)])
def test_wrong_arguments(since, delete):
    """What is no state and no bool is refused before anything is sent."""
    with pytest.raises(UsageError):
        mails.mails(session(), since, delete=delete)
