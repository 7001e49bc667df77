"""The lines of a POP3 connection, over a pair of sockets."""

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.testing.pop3_lines import Pop3Lines


def sent(content):
    """Return what goes over the wire for a body."""

    async def send(near):
        reader, writer = await asyncio.open_connection(sock=near)
        Pop3Lines(reader, writer).send_body(content)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    near, far = socket.socketpair()
    with near, far, far.makefile("rb") as received:
        asyncio.run(send(near))
        return received.read()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", b".\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"a\r\n.\r\n..b\r\n", b"a\r\n..\r\n...b\r\n.\r\n"),
        (b"a.\r\n", b"a.\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
    ],
)
def test_body(content, expected):
    """A line that begins with a dot gets one more, and the last line gets its end."""
    assert sent(content) == expected


LINE = st.binary(max_size=5).filter(lambda line: b"\n" not in line and b"\r" not in line)


@given(st.lists(LINE, max_size=10))
def test_the_terminator_is_at_the_end_only(lines):
    """However many dots a message holds, the first lone dot is the end."""
    *body, terminator, rest = sent(b"".join(line + b"\r\n" for line in lines)).split(b"\r\n")

    assert (terminator, rest) == (b".", b"")
    assert b"." not in body
    assert [line[1:] if line.startswith(b".") else line for line in body] == lines
