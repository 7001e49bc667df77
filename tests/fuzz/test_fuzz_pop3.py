"""Any octets that a POP3 server may send: read, or refused by a documented error, cut anywhere.

Each target takes octets, so that another fuzzer can drive it as well; hypothesis does here, with
the tokens of the grammar to begin with.
"""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import NetmailError
from netmail.flows.flow import PEEK, Close, Send
from netmail.flows.pop3 import commands, download, listing, mails, many
from netmail.limits import ServerLimits
from netmail.results.maildrop_state import MaildropState
from netmail.wire import dot
from netmail.wire.reader import Reader
from support.pop3_steps import session
from support.replay import collected

LIMITS = ServerLimits(line=400, literal=300, responses=20)
WORDS = [
    *(b"+OK", b"+OK ", b"-ERR", b"-ERR [IN-USE] ", b"+", b"\r\n", b"\n", b"\r", b".", b"..", b" "),
    *(b"1 120", b"2 aa", b"0 0", b"-1", b"99999999999999999999", b"[", b"]", b"\t", b"\xff", b"\0"),
    *(b"+OK\r\n", b".\r\n", b"+OK\r\n.\r\n", b"+OK\r\n1 a\r\n2 b\r\n.\r\n", b"Subject: x\r\n"),
]
OCTETS = st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=25).map(b"".join)
CUTS = st.lists(st.integers(1, 40), max_size=30)
FLOWS: dict[str, Callable[..., object]] = {
    "retr": lambda p: commands.retr(p, 1),
    "list": commands.list_messages,
    "uidl": commands.uidl,
    "retr_many": lambda p: collected(many.retr_many(p, [1, 2, "a"])),
    "delete_many": lambda p: many.delete_many(p, [1, 2, 3]),
    "mails": lambda p: collected(mails.mails(p, MaildropState(["a"]), delete=True)),
    "target": lambda p: collected(download.download(p, 1, print)),
    "scan_listings": lambda p: collected(listing.scan_listings(p)),
    "unique_ids": lambda p: collected(listing.unique_ids(p)),
}


def pieces_of(data, cuts):
    """Cut octets."""
    for cut in cuts:
        yield data[:cut]
        data = data[cut:]
    yield data


def flow_target(flow, data, cuts):
    """Serve octets to a conversation, cut anywhere; return what comes of it."""
    current = session(("PIPELINING", "UIDL", "TOP"))
    current.reader.limits = LIMITS
    pieces = filter(None, pieces_of(data, cuts))
    try:
        conversation = flow(current)
        request = next(conversation)
        while True:
            if request is not PEEK and not isinstance(request, Send | Close):
                piece = next(pieces, b"")
                current.reader.feed(piece)
                current.reader.eof = not piece
            request = next(conversation)
    except StopIteration as end:
        return end.value
    except NetmailError as error:
        return type(error), str(error)[:60]


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
@given(data=OCTETS, cuts=CUTS)
def test_flows(flow, data, cuts):
    """No octets raise anything but netmail's own errors."""
    flow_target(flow, data, cuts)


@pytest.mark.parametrize("bare_lf", [False, True])
@given(data=OCTETS, cuts=CUTS)
def test_bodies(bare_lf, data, cuts):
    """A body in pieces is what it is as a whole, and what follows it stays where it is."""
    data += b"\r\n.\r\nnext"
    whole = Reader()
    whole.feed(data)
    expected = dot.unstuff(whole.dot_terminated(bare_lf=bare_lf), bare_lf=bare_lf)
    reader, unstuffing, got, is_done = Reader(), dot.Unstuffing(bare_lf=bare_lf), b"", False
    begins = True
    for piece in pieces_of(data, cuts):
        reader.feed(piece)
        if not is_done and (part := reader.dot_terminated_part(bare_lf=bare_lf, begins=begins)):
            got, is_done, begins = got + unstuffing.add(part[0]), part[1], False

    assert is_done
    assert got == expected
    assert reader.peek() == whole.peek()
