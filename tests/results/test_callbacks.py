"""What a caller's function raises passes unchanged, although its trace shows no line of its own."""

import io
import queue
from functools import partial

import pytest

import netmail
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.testing import MailServer

CONTENT = b"Subject: x\r\n\r\nx\r\n"
FULL = queue.Queue(1)
FULL.put(0)


@pytest.fixture
def server():
    with MailServer({"ann@example.test": "secret"}) as running:
        running.deliver(CONTENT)
        yield running


def message():
    return netmail.message().from_("ann@example.test").to("bob@example.test").text("x")


def download(imap):
    (uid,) = imap.search("ALL", path="INBOX")
    imap.download(uid, io.BytesIO(), path="INBOX", progress=partial(int, "x"))


CALLS = {
    "send, result": lambda server: Transport(server.smtp_url).send(
        message(), on_result=FULL.put_nowait
    ),
    "send, progress": lambda server: Transport(server.smtp_url).send(
        message(), progress=partial(FULL.put_nowait, (0, 0), None)
    ),
    "append": lambda server: Imap(server.imap_url).append(
        "INBOX", CONTENT, progress=partial(int, "x")
    ),
    "append_many": lambda server: Imap(server.imap_url).append_many(
        "INBOX", [CONTENT], progress=divmod
    ),
    "download": lambda server: download(Imap(server.imap_url)),
    "retr": lambda server: POP3(server.pop3_url).retr(1, io.BytesIO(), partial(int, "x")),
}


@pytest.mark.parametrize("name", CALLS)
def test_unchanged(server, name):
    """It is not taken for a failure of netmail's own."""
    with pytest.raises((queue.Full, TypeError)):
        CALLS[name](server)
