"""Messages by unique-id: UIDL once a session, copies, deleted messages."""

import pytest

from netmail.errors import Pop3Error, UsageError
from netmail.flows.handshake import Handshake
from netmail.flows.pop3 import commands
from netmail.flows.pop3.messages import Messages
from netmail.flows.pop3.session import Pop3Session
from netmail.options.options import MailProtocol, parse_options
from support.replay import replay, replay_both

OPTIONS = parse_options(MailProtocol.POP3, host="localhost")
LIST = "C: UIDL\nS: +OK\nS: 1 aa\nS: 3 bb\nS: 4 aa\nS: .\n"


def session():
    """A session without login."""
    return Pop3Session(OPTIONS)


CALLS = {
    "retr": (lambda p: commands.retr(p, "bb"), "C: RETR 3\nS: +OK\nS: x\nS: .", b"x\r\n"),
    "top": (lambda p: commands.top(p, "bb", 2), "C: TOP 3 2\nS: +OK\nS: x\nS: .", b"x\r\n"),
    "list": (
        lambda p: commands.list_messages(p, "bb"),
        "C: LIST 3\nS: +OK 3 200",
        [{"uid": 3, "size": 200}],
    ),
    "uidl": (
        lambda p: commands.uidl(p, "bb"),
        "C: UIDL 3\nS: +OK 3 bb",
        [{"uid": 3, "id": "bb"}],
    ),
    "dele": (lambda p: commands.dele(p, "bb"), "C: DELE 3\nS: +OK gone", "gone"),
}


@pytest.mark.parametrize(("conversation", "lines", "expected"), CALLS.values(), ids=CALLS)
def test_by_unique_id(conversation, lines, expected):
    """A unique-id is looked up in UIDL, and its number is sent."""
    assert expected == replay_both(session, conversation, LIST + lines)


def test_looked_up_once():
    """The second unique-id of a session costs no UIDL; nor does one after uid_list()."""
    current = session()
    replay(commands.uidl(current), current.reader, LIST)
    replay(commands.retr(current, "bb"), current.reader, "C: RETR 3\nS: +OK\nS: .")
    replay(commands.retr(current, "aa"), current.reader, "C: RETR 1\nS: +OK\nS: .")

    assert current.messages.is_known


def test_next_session_looks_again():
    """Numbers hold for one session."""
    current = session()
    replay(commands.dele(current, "bb"), current.reader, f"{LIST}C: DELE 3\nS: +OK")
    replay(current.open(Handshake((), encrypted=False)), current.reader, "")
    other = "C: UIDL\nS: +OK\nS: 1 bb\nS: .\nC: DELE 1\nS: +OK gone"

    assert replay(commands.dele(current, "bb"), current.reader, other) == "gone"


def test_identical_copies():
    """Of copies with one id, the first that is not deleted is meant; then the server refuses."""
    current = session()
    replay(commands.dele(current, "aa"), current.reader, f"{LIST}C: DELE 1\nS: +OK")
    replay(commands.dele(current, "aa"), current.reader, "C: DELE 4\nS: +OK")
    with pytest.raises(Pop3Error, match="deleted already"):
        replay(commands.dele(current, "aa"), current.reader, "C: DELE 1\nS: -ERR deleted already")


def test_copy_deleted_by_number():
    """A number that was deleted counts too; a refused DELE does not."""
    current = session()
    replay(commands.dele(current, 1), current.reader, "C: DELE 1\nS: +OK")
    with pytest.raises(Pop3Error):
        replay(commands.dele(current, 4), current.reader, "C: DELE 4\nS: -ERR no")
    lines = f"{LIST}C: RETR 4\nS: +OK\nS: ."

    assert replay(commands.retr(current, "aa"), current.reader, lines) == b""


def test_rset_looks_again():
    """After RSET, messages are there that an earlier list lacks."""
    current = session()
    replay(commands.dele(current, "bb"), current.reader, f"{LIST}C: DELE 3\nS: +OK")
    replay(commands.rset(current), current.reader, "C: RSET\nS: +OK")
    lines = f"{LIST}C: RETR 3\nS: +OK\nS: ."

    assert replay(commands.retr(current, "bb"), current.reader, lines) == b""


def test_unknown_unique_id():
    """An id that is in no list is an error of the same class as a number that is not there."""
    current = session()
    with pytest.raises(Pop3Error, match="unique-id 'cc'"):
        replay(commands.dele(current, "cc"), current.reader, LIST)


def test_server_without_uidl():
    """The refusal of UIDL is what the caller gets; the next call asks again."""
    current = session()
    for _ in range(2):
        with pytest.raises(Pop3Error, match="what"):
            replay(commands.retr(current, "cc"), current.reader, "C: UIDL\nS: -ERR what")


@pytest.mark.parametrize("text", ["", "a b", "\x7f", "x" * 513, "1\r\nDELE 2", "ü"])
def test_no_unique_id(text):
    """A text that no UIDL can list is refused before anything is sent."""
    with pytest.raises(UsageError, match="unique-id"):
        replay(commands.dele(session(), text), session().reader, "")


def test_number_of():
    """The table alone."""
    messages = Messages()
    messages.learn([{"uid": 2, "id": "x"}, {"uid": 5, "id": "x"}])
    messages.deleted(2)

    assert messages.number_of("x") == 5
