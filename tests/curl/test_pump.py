"""What serves a flow's requests: how short its path is."""

import asyncio
import sys

import pycurl
import pytest

from netmail.clients.async_imap import AsyncImap
from netmail.clients.imap import Imap
from servers.scripted import Expect, Reply, Send

FRAMES = 6
"""At most so many of netmail's frames from a client's method to libcurl: a trace stays readable."""


class SendFrames:
    """The functions of netmail's that were on the stack at each call of `Curl.send()`."""

    def __init__(self):
        self.stacks = []

    def __enter__(self):
        sys.setprofile(self._note)
        return self.stacks

    def __exit__(self, *_error):
        sys.setprofile(None)

    def _note(self, frame, event, called):
        if event != "c_call" or not isinstance(getattr(called, "__self__", None), pycurl.Curl):
            return
        if called.__name__ == "send":
            self.stacks.append([*self._functions(frame)])

    def _functions(self, frame):
        while frame is not None:
            if frame.f_globals["__name__"].startswith("netmail."):
                yield frame.f_code.co_name
            frame = frame.f_back


def tagged(command, *untagged):
    """Steps that serve one IMAP command."""
    return [Expect(rb"(\w+) " + command), *map(Send, untagged), Reply(rb"\1 OK done\r\n")]


@pytest.mark.parametrize("client", [Imap, AsyncImap])
def test_few_frames_to_libcurl(scripted, client):
    """From the client's method to `Curl.send()` a trace has six frames of netmail's."""
    server = scripted(
        Send(b"* PREAUTH hi\r\n"),
        *tagged(b"CAPABILITY", b"* CAPABILITY IMAP4rev1\r\n"),
        *tagged(b'SELECT "INBOX"', b"* 3 EXISTS\r\n"),
        *tagged(b"UID SEARCH .*", b"* SEARCH 4 5\r\n"),
    )
    imap = client(host="127.0.0.1", port=server.port, tls=0, timeout=5000)
    loop = asyncio.new_event_loop()

    def result(value):
        return loop.run_until_complete(value) if client is AsyncImap else value

    result(imap.select("INBOX"))
    with SendFrames() as stacks:
        found = result(imap.search("ALL"))
    result(imap.abort())
    loop.close()

    assert found == [4, 5]
    assert stacks == [["send", "pump", "call", "drive", "_read", "search"]]
    assert len(stacks[0]) <= FRAMES
