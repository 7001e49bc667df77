"""Many messages put into a mailbox, exactly as they go over the wire."""

from datetime import UTC, datetime

import pytest

from netmail.errors import ImapError, StateError, UsageError
from netmail.flows.imap.uploads.append_many import append_many
from netmail.flows.imap.uploads.upload import Upload
from support.imap_sessions import fresh, logged_in, run
from support.replay import replay

PLUS = "IMAP4rev1 LITERAL+ UIDPLUS"
MINUS = "IMAP4rev1 LITERAL- UIDPLUS"


def puts(messages, transcript, capabilities=PLUS, *, flags="", progress=None):
    """Append messages; return their UIDs or the texts of their errors."""

    def flow(session):
        each = (message for message in messages)
        done = yield from append_many(session, "x", each, flags, None, progress=progress)
        return [str(one.error) if one.error else one.result().uid for one in done]

    return run(flow, transcript, logged_in, capabilities=capabilities)


@pytest.mark.parametrize("capabilities", [PLUS, MINUS])
def test_first_waits(capabilities):
    """The first literal waits for the server, and those after it do not."""
    transcript = r"""
        C: T1 APPEND "x" {3}
        S: + go
        C: one
        S: T1 OK [APPENDUID 9 1] done
        C! T2 APPEND "x" {3+}\r\ntwo\r\nT3 APPEND "x" {5+}\r\nthree\r\n
        S: T2 OK [APPENDUID 9 2] done
        S: T3 OK [APPENDUID 9 3] done
    """
    assert puts([b"one", b"two", b"three"], transcript, capabilities) == [1, 2, 3]


def test_without_literal_plus():
    """Each literal waits, and the next command leaves with it."""
    transcript = r"""
        C: T1 APPEND "x" {3}
        S: + go
        C: one
        S: T1 OK done
        C: T2 APPEND "x" {3}
        S: + go
        C! two\r\nT3 APPEND "x" {5}\r\n
        S: T2 OK done
        S: + go
        C: three
        S: T3 OK done
    """
    assert puts([b"one", b"two", b"three"], transcript, "IMAP4rev1") == [0, 0, 0]


def test_other_flags_wait():
    """A server that refuses flags must not run the message's lines: new flags go alone."""
    day = datetime(2026, 1, 2, tzinfo=UTC)
    transcript = r"""
        C: T1 APPEND "x" (\Seen) {1}
        S: + go
        C: a
        S: T1 OK done
        C! T2 APPEND "x" (\\Seen) {1+}\r\nb\r\n
        S: T2 OK done
        C: T3 APPEND "x" (\Bad) {1}
        S: T3 BAD no such flag
        C: T4 APPEND "x" (\Bad) {1}
        S: T4 BAD no such flag
        C: T5 APPEND "x" (\Seen) " 2-Jan-2026 00:00:00 +0000" {1}
        S: + go
        C: e
        S: T5 OK done
        C! T6 APPEND "x" (\\Seen) " 2-Jan-2026 00:00:00 +0000" {1+}\r\nf\r\n
        S: T6 OK done
    """.replace('" 2-Jan', '"02-Jan')
    messages = [b"a", b"b", Upload(b"c", r"\Bad"), Upload(b"d", [r"\Bad"])]
    messages += [Upload(b"e", None, day), Upload(b"f", date=day)]
    done = puts(messages, transcript, flags=r"\Seen")

    assert done == [0, 0, "APPEND: BAD no such flag", "APPEND: BAD no such flag", 0, 0]


def test_refusal():
    """One that is refused costs no other; the one after it waits again."""
    transcript = r"""
        C: T1 APPEND "x" {1}
        S: + go
        C: a
        S: T1 OK [APPENDUID 9 1] done
        C! T2 APPEND "x" {1+}\r\nb\r\nT3 APPEND "x" {1+}\r\nc\r\n
        S: T2 NO [OVERQUOTA] full
        S: T3 OK [APPENDUID 9 2] done
    """
    assert puts([b"a", b"b", b"c"], transcript) == [1, "APPEND: NO full", 2]


def test_refusal_after_the_request():
    """What the server has requested is sent, even if it has refused meanwhile: it reads that."""
    transcript = r"""
        C: T1 APPEND "x" {3}
        S: + go
        S: T1 NO [OVERQUOTA] full
        C: one
        C: T2 APPEND "x" {3}
        S: + go
        C: two
        S: T2 OK [APPENDUID 9 1] done
    """
    session = logged_in(PLUS)
    flow = append_many(session, "x", [b"one", b"two"], "", None, progress=None)
    refused, taken = replay(flow, session.reader, transcript)

    assert refused.error.code == "OVERQUOTA"
    assert taken.result().uid == 1


def test_wrong_message():
    """What is no message is an error of its own."""
    transcript = r"""
        C: T1 APPEND "x" {1}
        S: + go
        C: a
        S: T1 OK done
        C! T2 APPEND "x" {1+}\r\nd\r\n
        S: T2 OK done
    """
    done = puts([b"a", b"", Upload(b"c", "not(a)flag"), b"d"], transcript)

    assert done[0] == done[3] == 0
    assert "empty" in done[1]
    assert "no flag" in done[2]


def test_lost():
    """Each result says what is certain; the rest is not taken from the messages."""
    transcript = r"""
        C: T1 APPEND "x" {1}
        S: + go
        C: a
        S: T1 OK done
        C! T2 APPEND "x" {1+}\r\nb\r\nT3 APPEND "x" {5000}\r\n
        S: T2 OK done
        EOF
    """
    taken = []

    def messages():
        for message in (b"a", b"b", b"c" * 5000, b"d", b"e"):
            taken.append(message)
            yield message

    def flow(session):
        done = yield from append_many(session, "x", messages(), "", None, progress=None)
        return [f"{one.is_sent}: {one.error or ''}"[:35] for one in done]

    done = run(flow, transcript, logged_in, capabilities=PLUS)
    assert done[:2] == ["True: ", "True: "]
    assert done[2] == "True: append() was sent, and whether"[:35]
    assert done[3] == "False: nothing of append() was sent: "[:35]


def test_large_after_large():
    """With LITERAL+ a literal does not wait if a larger one was accepted before."""
    big, transcript = (
        b"x" * 5000,
        r"""
        C: T1 APPEND "x" {5000}
        S: + go
        C: BIG
        S: T1 OK done
        C! T2 APPEND "x" {5000+}\r\nBIG\r\n
        S: T2 OK done
    """,
    )
    assert puts([big, big], transcript.replace("BIG", "x" * 5000)) == [0, 0]


def test_appendlimit():
    """A message that is larger than the server takes is not sent."""
    transcript = """
        C: T1 APPEND "x" {3}
        S: + go
        C: abc
        S: T1 OK done
    """
    done = puts([b"abc", b"abcd"], transcript, f"{PLUS} APPENDLIMIT=3")

    assert done == [0, "the message has 4 octets, and the server takes 3 (APPENDLIMIT)"]


def test_progress():
    """It counts the octets that were sent; how many there will be is not known."""
    seen = []
    transcript = r"""
        C: T1 APPEND "x" {1}
        S: + go
        C: a
        S: T1 OK done
        C! T2 APPEND "x" {2+}\r\nbb\r\nT3 APPEND "x" {3+}\r\nccc\r\n
        S: T2 OK done
        S: T3 NO full
    """
    puts([b"a", b"bb", b"ccc"], transcript, progress=lambda *numbers: seen.append(numbers))

    assert seen == [(1, None), (3, None)] * 2  # whole, and octet by octet


def test_window():
    """No more messages are taken than are in flight."""
    taken = 0

    def messages():
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b"x" * 4000

    session = logged_in(PLUS)
    flow = append_many(session, "x", messages(), "", None, progress=None)
    sent = 0
    session.reader.feed(b"")
    request = next(flow)
    while "Send" in repr(request) or "PEEK" in repr(request):
        sent += 1
        request = next(flow)
        if b"{4000}" in getattr(request, "data", b""):
            session.reader.feed(b"+ go\r\n")

    assert taken <= 3
    flow.close()


def test_nothing():
    """No messages, no command."""
    assert puts([], "") == []


def test_wrong_call():
    """Wrong flags, and a session that is not logged in, are refused before a message is taken."""
    with pytest.raises(UsageError):
        puts([b"a"], "", flags="(")
    with pytest.raises(StateError):
        run(lambda imap: append_many(imap, "x", iter([b"a"]), "", None, progress=None), "", fresh)


def test_missing_mailbox():
    """The refusal of a missing mailbox is that of each message."""
    transcript = """
        C: T1 APPEND "x" {1}
        S: T1 NO [TRYCREATE] none
        C: T2 APPEND "x" {1}
        S: T2 NO [TRYCREATE] none
    """

    def flow(session):
        done = yield from append_many(session, "x", [b"a", b"b"], "", None, progress=None)
        return [type(one.error) for one in done]

    assert run(flow, transcript, logged_in, capabilities=PLUS) == [ImapError, ImapError]
