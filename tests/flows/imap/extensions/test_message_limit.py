"""MESSAGELIMIT: what is left of a set is asked for, and no server keeps netmail asking."""

import pytest

from netmail.flows.imap.store import store
from netmail.wire.imap.sequence_set import below
from support.imap_sessions import run, selected


@pytest.mark.parametrize(
    ("text", "uid", "rest"),
    [
        ("22000:25000", 24001, "22000:24000"),
        ("25000:22000", 22001, "22000"),
        ("1:5,9,20:*", 10, "1:5,9"),
        ("1:*", 2, "1"),
        ("*", 7, ""),
        ("7,8", 7, ""),
        ("*:3", 9, "3:8"),
    ],
)
def test_below(text, uid, rest):
    """Ranges are cut, what is above is gone."""
    assert below(text, uid) == rest


def marked(session):
    """Mark all messages."""
    return store(session, "1:9", "+FLAGS.SILENT", r"\Seen", None)


@pytest.mark.parametrize("data", ["1000", "1000 12", "1000 x", "0 0", "1000 4 5"])
def test_no_progress(data):
    """A limit without the UID of this set, or with none, ends the work."""
    lines = rf"""
        C: T1 UID STORE 1:9 +FLAGS.SILENT (\Seen)
        S: T1 OK [MESSAGELIMIT {data}] done
        """
    if data == "1000 12":
        lines += rf"""
        C: T2 UID STORE 1:9 +FLAGS.SILENT (\Seen)
        S: T2 OK [MESSAGELIMIT {data}] done
        """
    if data == "1000 4 5":
        lines += r"""
        C: T2 UID STORE 1:3 +FLAGS.SILENT (\Seen)
        S: T2 OK done
        """

    assert run(marked, lines, selected) is True


def test_limit_of_an_earlier_command():
    """The code of one command says nothing of the next."""
    lines = r"""
        C: T1 UID STORE 1:9 +FLAGS.SILENT (\Seen)
        S: T1 OK [MESSAGELIMIT 1 9] done
        C: T2 UID STORE 1:8 +FLAGS.SILENT (\Seen)
        S: T2 OK done
        """

    assert run(marked, lines, selected) is True
