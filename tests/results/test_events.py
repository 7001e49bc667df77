"""The events as lines of a log."""

import dataclasses

import pytest

from netmail.errors import ConnectionLost, ImapError
from netmail.results.events import (
    CallFinished,
    CommandProgress,
    ConnectionClosed,
    ConnectionFailed,
    ConnectionOpened,
    LoggedIn,
    Reconnecting,
    ServerAlert,
)

SERVER = "imap://mail.test:143"
LOST = ConnectionLost("the server closed")
LINES = {
    "with TLS": (
        ConnectionOpened(SERVER, "mail.test", 143, encrypted=True, seconds=0.1234),
        "connected with TLS in 0.123 s",
    ),
    "without TLS": (
        ConnectionOpened(SERVER, "mail.test", 143, encrypted=False, seconds=2),
        "connected without TLS in 2.000 s",
    ),
    "failed": (
        ConnectionFailed(SERVER, LOST, 0.5),
        "not connected after 0.500 s: the server closed",
    ),
    "login": (LoggedIn(SERVER, "PLAIN"), "logged in with PLAIN"),
    "call": (
        CallFinished(SERVER, "search", 0.01, 12, 345, None),
        "search took 0.010 s, 12 octets sent, 345 received",
    ),
    "failed call": (
        CallFinished(SERVER, "copy", 0.01, 12, 345, ImapError("COPY", "no", "NO", "")),
        "copy took 0.010 s, 12 octets sent, 345 received: ImapError",
    ),
    "progress": (CommandProgress(SERVER, 454, 1000), "454 done of 1000"),
    "progress without a goal": (CommandProgress(SERVER, 175, None), "175 done"),
    "progress without numbers": (CommandProgress(SERVER, None, None), "at work"),
    "alert": (ServerAlert(SERVER, "Shutting down at noon"), "alert: Shutting down at noon"),
    "closed": (ConnectionClosed(SERVER, None), "closed"),
    "lost": (ConnectionClosed(SERVER, LOST), "lost: the server closed"),
    "reconnecting": (Reconnecting(SERVER, LOST), "reconnecting"),
}


@pytest.mark.parametrize(("event", "line"), LINES.values(), ids=LINES)
def test_line(event, line):
    """str() of an event is a line that begins with the server."""
    assert str(event) == f"{SERVER}: {line}"


def test_frozen():
    """An event cannot be changed, for several listeners may keep it."""
    event = LoggedIn(SERVER, "PLAIN")

    with pytest.raises(dataclasses.FrozenInstanceError):
        event.mechanism = "LOGIN"
