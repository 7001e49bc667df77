"""Commands in flight together, exactly as they go over the wire."""

import pytest

from netmail.errors import ConnectionLost, MailTimeout, ProtocolError
from netmail.flows.imap import move, search, select, status, store
from netmail.flows.imap.pipelining.call import Call
from netmail.flows.imap.pipelining.scheduler import Scheduler
from netmail.flows.imap.uploads import append
from support.imap_sessions import logged_in, run, selected
from support.replay import replay

SEARCHES = "IMAP4rev1 ESEARCH"


def outcome(call):
    """What came of a call: its value, or its error as text."""
    pending = call.pending
    return pending._value if pending.error is None else str(pending.error)


def together(*makers, transcript, make=selected, **options):
    """Run conversations together; return what came of each."""

    def flow(session):
        calls = [Call(each(session)) for each in makers]
        yield from Scheduler(session, calls).run()
        return [outcome(call) for call in calls]

    return run(flow, transcript, make, **options)


def counts(name):
    """Make a call that counts."""
    return lambda session: status.status(session, name, "MESSAGES")


def finds(query, mailbox=None):
    """Make a call that searches."""
    return lambda session: search.search(session, query, mailbox)


def puts(message):
    """Make a call that appends."""
    return lambda session: append.append(session, "x", message, "", None)


def noop(session):
    """Make a call without a result."""
    return session.noop()


def test_together():
    """Commands are sent without a wait; responses that name a mailbox find their command."""
    transcript = """
        C: T1 STATUS "a" (MESSAGES)
        C: T2 STATUS "b" (MESSAGES)
        C: T3 UID SEARCH UNSEEN
        S: * STATUS b (MESSAGES 2)
        S: * SEARCH 7
        S: * STATUS a (MESSAGES 1)
        S: T2 OK done
        S: T1 OK done
        S: T3 OK done
    """
    result = together(counts("a"), counts("b"), finds("UNSEEN"), transcript=transcript)

    assert result == [{"MESSAGES": 1}, {"MESSAGES": 2}, [7]]


def test_refusals():
    """Each refusal is that of its own call."""
    transcript = """
        C: T1 STATUS "a" (MESSAGES)
        C: T2 STATUS "b" (MESSAGES)
        C: T3 NOOP
        S: T1 NO no such mailbox
        S: * STATUS b (MESSAGES 2)
        S: T2 OK done
        S: T3 BAD what
    """
    result = together(counts("a"), counts("b"), noop, transcript=transcript)

    assert result == ["STATUS: NO no such mailbox", {"MESSAGES": 2}, "NOOP: BAD what"]


def test_same_kind_waits():
    """SEARCH responses do not name their command, so that one is in flight at a time."""
    transcript = """
        C: T1 UID SEARCH UNSEEN
        S: * SEARCH 7
        S: T1 OK done
        C: T2 UID SEARCH SEEN
        C: T3 NOOP
        S: * SEARCH 8
        S: T2 OK done
        S: T3 OK done
    """
    result = together(finds("UNSEEN"), finds("SEEN"), noop, transcript=transcript)

    assert result == [[7], [8], True]


def test_esearch():
    """ESEARCH responses name their command."""
    transcript = """
        C: T1 UID SEARCH RETURN (ALL) UNSEEN
        C: T2 UID SEARCH RETURN (ALL) SEEN
        S: * ESEARCH (TAG "T2") UID ALL 8:9
        S: * ESEARCH (TAG "T1") UID ALL 7
        S: T1 OK done
        S: T2 OK done
    """
    searches = finds("UNSEEN"), finds("SEEN")
    result = together(*searches, transcript=transcript, capabilities=SEARCHES)

    assert result == [[7], [8, 9]]


def test_literal_that_waits():
    """Nothing is sent between a literal's length and the literal, and all that may be after it."""
    transcript = r"""
        C: T1 NOOP
        C: T2 APPEND "x" {3}
        S: T1 OK done
        S: + go
        C! abc\r\nT3 NOOP\r\nT4 APPEND "x" {2}\r\n
        S: T2 OK [APPENDUID 9 1] done
        S: + go
        C! de\r\n
        S: T3 OK done
        S: T4 OK [APPENDUID 9 2] done
    """
    result = together(noop, puts(b"abc"), noop, puts(b"de"), transcript=transcript)

    assert [result[0], result[1].uid, result[2], result[3].uid] == [True, 1, True, 2]


def test_literal_refused():
    """A literal that the server refuses is not sent."""
    transcript = """
        C: T1 APPEND "x" {3}
        S: T1 NO [TRYCREATE] none
        C: T2 NOOP
        S: T2 OK done
    """
    result = together(puts(b"abc"), noop, transcript=transcript)

    assert result == ["APPEND: NO none", True]


def test_select_is_alone():
    """A command that changes the selected mailbox waits, and all others wait for its call."""
    transcript = """
        C: T1 UID SEARCH UNSEEN
        S: * SEARCH 1
        S: T1 OK done
        C: T2 SELECT "b"
        S: * 3 EXISTS
        S: T2 OK done
        C: T3 UID SEARCH UNSEEN
        S: * SEARCH 2
        S: T3 OK done
        C: T4 NOOP
        S: T4 OK done
    """
    result = together(finds("UNSEEN"), finds("UNSEEN", "b"), noop, transcript=transcript)

    assert result == [[1], [2], True]


def test_copying_move_is_alone():
    """A move by COPY, STORE and EXPUNGE is one step for the calls before and after it."""
    transcript = r"""
        C: T1 NOOP
        S: T1 OK done
        C: T2 UID COPY 7 "x"
        S: T2 OK done
        C: T3 UID STORE 7 +FLAGS.SILENT (\Deleted)
        S: T3 OK done
        C: T4 UID EXPUNGE 7
        S: * 1 EXPUNGE
        S: T4 OK done
        C: T5 STATUS "x" (MESSAGES)
        S: * STATUS x (MESSAGES 1)
        S: T5 OK done
    """

    def moves(session):
        return move.move(session, 7, "x", None)

    capabilities = "IMAP4rev1 UIDPLUS"
    result = together(noop, moves, counts("x"), transcript=transcript, capabilities=capabilities)

    assert result[2] == {"MESSAGES": 1}


def test_lost():
    """What was sent is uncertain when the connection ends, the rest was not sent."""
    transcript = """
        C: T1 NOOP
        C: T2 UID SEARCH UNSEEN
        S: T1 OK done
        S: * BYE tired
        EOF
    """
    seen = []

    def flow(session):
        calls = [Call(each(session)) for each in (noop, finds("UNSEEN"), finds("SEEN"))]
        seen[:] = calls
        yield from Scheduler(session, calls).run()

    with pytest.raises(ConnectionLost, match="tired"):
        run(flow, transcript, selected)
    assert [call.pending.is_done for call in seen] == [True, True, True]
    assert [call.pending.is_sent for call in seen] == [True, True, False]
    assert outcome(seen[0]) is True
    assert "search() was sent, and whether it has had its effect is not known" in outcome(seen[1])
    assert "nothing of search() was sent" in outcome(seen[2])


def test_timeout():
    """A deadline that passes is a lost connection."""
    with pytest.raises(MailTimeout):
        together(noop, transcript="C: T1 NOOP\nTIMEOUT")


def test_unreadable_result():
    """A response that cannot be read costs its own call alone, and the connection at the end."""
    transcript = """
        C: T1 UID SEARCH UNSEEN
        C: T2 NOOP
        S: * SEARCH 1 x
        S: T1 OK done
        S: T2 OK done
    """
    seen = []

    def flow(session):
        seen[:] = [Call(finds("UNSEEN")(session)), Call(noop(session))]
        yield from Scheduler(session, seen).run()

    with pytest.raises(ProtocolError):
        run(flow, transcript, selected)
    assert isinstance(seen[0].pending.error, ProtocolError)
    assert seen[1].pending.result() is True


def test_wrong_tag():
    """A tagged response to no command in flight ends the connection."""
    transcript = """
        C: T1 NOOP
        S: * OK hello
        S: T9 OK done
    """
    with pytest.raises(ProtocolError, match="not sent"):
        together(noop, transcript=transcript)


def test_half_a_command():
    """A server that accepts a command whose literal it has not requested is not understood."""
    with pytest.raises(ProtocolError, match="half a command"):
        together(puts(b"abc"), transcript='C: T1 APPEND "x" {3}\nS: T1 OK done')


def test_window():
    """No more than 256 commands are in flight."""
    first = "".join(f"C: T{n} NOOP\n" for n in range(1, 257))
    done = "".join(f"S: T{n} OK done\n" for n in range(1, 257))
    rest = "".join(f"C: T{n} NOOP\n" for n in range(257, 301))
    last = "".join(f"S: T{n} OK done\n" for n in range(257, 301))

    def flow(session):
        calls = [Call(noop(session)) for _ in range(300)]
        yield from Scheduler(session, calls).run()
        return all(outcome(call) is True for call in calls)

    # Whole turns only: octet by octet the window moves with each response.
    session = selected()
    assert replay(flow(session), session.reader, first + done + rest + last)


def test_changes_of_the_mailbox():
    """What the server reports of the mailbox reaches the session, whatever is in flight."""
    transcript = """
        C: T1 NOOP
        C: T2 STATUS "a" (MESSAGES)
        S: * 12 EXISTS
        S: * 1 EXPUNGE
        S: T1 OK done
        S: * STATUS a (MESSAGES 1)
        S: T2 OK done
    """

    def flow(session):
        yield from Scheduler(session, [Call(noop(session)), Call(counts("a")(session))]).run()
        return session.mailbox.exists

    assert run(flow, transcript, selected) == 11


def test_wrong_call():
    """A call that is wrong sends nothing, and the others are made."""
    result = together(
        lambda session: store.store(session, 1, "NAMES", "x", None),
        select.close,
        noop,
        transcript="C: T1 NOOP\nS: T1 OK done",
        make=logged_in,
    )

    assert "store() takes FLAGS" in result[0]
    assert "needs it selected" in result[1]
    assert result[2] is True
