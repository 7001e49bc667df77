"""All messages or none, exactly as they go over the wire."""

from datetime import UTC, datetime

import pytest

from netmail.errors import CapabilityError, ImapError, UsageError
from netmail.flows.imap.uploads.append_many import append_many
from netmail.flows.imap.uploads.upload import Upload
from support.imap_sessions import run

MULTI = "IMAP4rev1 LITERAL+ MULTIAPPEND UIDPLUS"


def put(messages, transcript, capabilities=MULTI, *, flags="", progress=None):
    """Append all messages; return their UIDs."""

    def flow(session):
        done = yield from append_many(
            session, "x", messages, flags, None, progress=progress, atomic=True
        )
        return [(one.result().uid, one.is_sent, one.is_done) for one in done]

    return run(flow, transcript, capabilities=capabilities)


def test_all():
    """One command; the first literal waits, and so does one with other flags."""
    day = datetime(2026, 1, 2, tzinfo=UTC)
    messages = [
        b"a",
        b"b\n",
        Upload(b"c", r"\Draft"),
        Upload(b"d", r"\Draft"),
        Upload(b"e", "", day),
    ]
    seen = []
    transcript = r"""
        C: T1 APPEND "x" (\Seen) {1}
        S: + go
        C! a (\\Seen) {3+}\r\nb\r\n (\\Draft) {1}\r\n
        S: + go
        C! c (\\Draft) {1+}\r\nd "02-Jan-2026 00:00:00 +0000" {1}\r\n
        S: + go
        C: e
        S: T1 OK [APPENDUID 9 4:8] done
    """
    done = put(messages, transcript, flags=r"\Seen", progress=lambda *each: seen.append(each))

    assert done == [(uid, True, True) for uid in range(4, 9)]
    assert seen == [(1, None), (4, None), (5, None), (6, None), (7, None)] * 2


def test_refused():
    """A refusal is raised: there is none of them."""
    transcript = """
        C: T1 APPEND "x" {1}
        S: + go
        C! a {1+}\\r\\nb\\r\\n
        S: T1 NO [OVERQUOTA] full
    """
    with pytest.raises(ImapError) as caught:
        put([b"a", b"b"], transcript)

    assert caught.value.code == "OVERQUOTA"


def test_many_short_messages():
    """Literals do not make the line longer, after which one would have to wait."""
    transcript = 'C: T1 APPEND "x" {500}\nS: + go\nC! ' + "y" * 500
    transcript += "".join(r" {500+}\r\n" + "y" * 500 for _ in range(20)) + "\\r\\n\nS: T1 OK done"

    assert len(put([b"y" * 500] * 21, transcript)) == 21


@pytest.mark.parametrize(
    "messages", [[b"a", b""], [b"a", "b"], [b"a", Upload(b"b", "(")], [b"a", b"\0"]], ids=repr
)
def test_wrong_message(messages):
    """One wrong message, and nothing is sent of any."""
    with pytest.raises(UsageError):
        put(messages, "")


def test_none():
    """No messages, no command."""
    assert put([], "") == []


def test_not_offered():
    """Nothing is sent to a server without MULTIAPPEND."""
    with pytest.raises(CapabilityError, match="MULTIAPPEND"):
        put([b"a"], "", "IMAP4rev1 LITERAL+")
