"""Recorded and written sessions, each played whole and octet by octet.

`support.transcripts` says how a session's file is written, CONTRIBUTING.md how one is recorded.
"""

import inspect
import re

import pytest

from netmail import AsyncImap, AsyncPOP3, AsyncTransport, ProtocolError
from support.player import Player, play
from support.transcripts import FILES, read

TRANSCRIPTS = [read(path) for path in FILES]
SESSIONS = [transcript for transcript in TRANSCRIPTS if transcript.steps]
STRICT = [each for each in SESSIONS if any(step.fact("strict") is not None for step in each.steps)]
CLIENTS = {"imap": AsyncImap, "pop3": AsyncPOP3, "smtp": AsyncTransport}
# What a transcript cannot show: the connection itself.
CONNECTION = {"abort", "aclose", "connect", "diagnose", "get_handle", "test_connection"}


@pytest.mark.parametrize("transcript", SESSIONS, ids=lambda each: each.name)
def test_session(transcript):
    """Each call sends what the file says, and returns what it says."""
    play(transcript)


@pytest.mark.parametrize("size", [None, 1], ids=["whole", "octets"])
@pytest.mark.parametrize("transcript", STRICT, ids=lambda each: each.name)
def test_strict(transcript, size):
    """With the option `strict`, a server's departure from the grammar is an error."""
    with pytest.raises(ProtocolError):
        Player(transcript, size=size, strict=True).play()


@pytest.mark.parametrize("protocol", CLIENTS)
def test_every_method_has_a_session(protocol):
    """A new method is not done before a transcript shows it."""
    methods = {
        name
        for name, _ in inspect.getmembers(CLIENTS[protocol], inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    shown = {
        name
        for transcript in SESSIONS
        if transcript.protocol == protocol
        for step in transcript.steps
        for name in re.findall(r"\b(\w+)\(", step.call.value)
    }

    assert methods - CONNECTION - shown == set()


def test_every_session_says_whose_it_is():
    """The first line of a file names the server, and what is to be seen."""
    offenders = [transcript.name for transcript in TRANSCRIPTS if not transcript.about]

    assert not offenders
