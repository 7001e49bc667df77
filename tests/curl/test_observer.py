"""The logger `netmail` has what the callback gets."""

import logging
import subprocess
import sys
from datetime import timedelta

import pytest

from netmail.clients.pop3 import POP3
from netmail.errors import MailTimeout
from netmail.results.events import CallFinished, ConnectionClosed, ConnectionOpened
from servers.scripted import Close, Expect, Send, Silence
from support.events import kinds, move
from support.pop3_steps import HELLO, NOOP, QUIT


def events_of(caplog):
    """The events that the logger got."""
    return [record.event for record in caplog.records if record.name == "netmail"]


def test_log_agrees_with_the_callback(scripted, caplog):
    """The log has a line for each event, with the event itself, at the level of its weight."""
    server = scripted(*HELLO, *NOOP, Expect(b"STAT"), Silence())
    events = []
    client = POP3(
        host="127.0.0.1",
        port=server.port,
        tls=0,
        timeout=timedelta(milliseconds=300),
        on_event=events.append,
    )
    with caplog.at_level(logging.DEBUG, "netmail"):
        client.noop()
        with pytest.raises(MailTimeout):
            client.stat()
        move(client, scripted(*HELLO))
        client.connect()
        client.abort()
    records = [record for record in caplog.records if record.name == "netmail"]
    levels = [(type(record.event).__name__, record.levelname) for record in records]

    assert events_of(caplog) == events
    assert [record.message for record in records] == [str(event) for event in events]
    assert levels == [
        ("ConnectionOpened", "INFO"),
        ("CallFinished", "DEBUG"),
        ("ConnectionClosed", "WARNING"),
        ("CallFinished", "DEBUG"),
        ("Reconnecting", "INFO"),
        ("ConnectionOpened", "INFO"),
        ("ConnectionClosed", "INFO"),
    ]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (logging.DEBUG, [ConnectionOpened, CallFinished, CallFinished, ConnectionClosed]),
        (logging.INFO, [ConnectionOpened, ConnectionClosed]),
        (logging.WARNING, []),
    ],
)
def test_level(scripted, caplog, level, expected):
    """Only events of the logger's level are logged, without a callback too."""
    server = scripted(*HELLO, *NOOP, *QUIT)
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
    with caplog.at_level(level, "netmail"), client:
        client.noop()

    assert kinds(events_of(caplog)) == expected


def test_level_changes_during_a_session(scripted, caplog):
    """A log that is turned on during a session has the rest of it."""
    server = scripted(*HELLO, *NOOP, *NOOP, *QUIT)
    with POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000) as client:
        client.noop()
        with caplog.at_level(logging.DEBUG, "netmail"):
            client.noop()
    wire = [record.message for record in caplog.records if record.name == "netmail.wire"]

    assert wire == ["C: NOOP", "S: +OK"]
    assert [event.name for event in events_of(caplog)] == ["noop"]


def test_server_cannot_write_lines_of_its_own(scripted, caplog):
    """Control characters of a server neither forge a line nor move a terminal's cursor."""
    server = scripted(*HELLO, Expect(b"STAT"), Send(b"bad\x1b[2Jreply\x07\r\n"))
    client = POP3(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
    with caplog.at_level(logging.INFO, "netmail"), pytest.raises(Exception, match="bad"):
        client.stat()
    lines = [record.message for record in caplog.records if record.name == "netmail"]

    assert "lost: " in lines[-1]
    assert lines[-1].isprintable()


def test_nothing_is_printed_by_default(scripted):
    """A program that has not set up logging does not get warnings on its standard error."""
    server = scripted(*HELLO, Expect(b"STAT"), Close())
    code = (
        "from netmail import POP3, ConnectionLost\n"
        f"client = POP3(host='127.0.0.1', port={server.port}, tls=0)\n"
        "try:\n    client.stat()\nexcept ConnectionLost:\n    print('lost')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "lost\n"
    assert done.stderr == ""
