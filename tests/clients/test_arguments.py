"""No argument of an SMTP or POP3 call becomes a command of its own, or is of a wrong type."""

from collections.abc import Iterable
from typing import get_args

import pytest

from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.delivery_options import DeliveryOptions
from netmail.envelope import Envelope
from netmail.errors import UsageError
from netmail.flows.file_target import FileTarget, OnProgress
from netmail.mime.outgoing import Sendable
from netmail.options.retry import RetryPolicy
from netmail.results.maildrop_state import MaildropState
from netmail.results.smtp import OnResult
from support.signatures import Argument, arguments_of, call, takes_none

CLIENTS = {"smtp": Transport, "pop3": POP3}
SAMPLES = {
    "address": "bob@x.test",
    "attributes": {"ADDR": "192.0.2.1"},
    "command": "NOOP",
    "message": Envelope("ann@x.test", ("bob@x.test",), b"\r\nhello\r\n"),
    "name": "staff",
    "node": "example.org",
    "tag": "de",
    "uid": 1,
    "uids": (),
}
ARGUMENTS = [(kind, argument) for kind in CLIENTS.values() for argument in arguments_of(kind)]


def each_argument(*types, name="", without_none=False, without=None):
    """Run a test over the arguments of these types, of this name, or that may not be None.

    Arguments that may also be of the type `without` are left out.
    """
    chosen = [
        pytest.param(kind, argument, id=f"{kind.__name__}.{argument}")
        for kind, argument in ARGUMENTS
        if set(types) & set(argument.types)
        and name in {"", argument.name}
        and not (without_none and takes_none(argument))
        and without not in argument.types
        and argument.name != "target"  # a file's name is no part of a command
    ]
    return pytest.mark.parametrize(("kind", "argument"), chosen)


LINE_ENDS = {
    "CRLF": "x\r\nDELE 1",
    "LF": "x\nDELE 1",
    "CR": "x\rDELE 1",
    "NUL": "x\0y",
    "surrogate": "x\ud800",
    "at the end": "x\r\n",
    "path with LF": "a@x.test\nRCPT TO:<eve@x.test>",
    "path with CRLF": "a@x.test>\r\nRCPT TO:<eve@x.test",
}
TRICKS = {
    "parameter": "a@x.test> NOTIFY=NEVER",
    "two paths": "a@x.test,eve@x.test",
    "display name": "Ann <a@x.test>",
    "quotes": '"a" b"@x.test',
    "bracket": '"a>"@x.test',
    "space": "a b",
    "not ASCII": "ü\u2028\u0085x",
    "dot": ".",
    "empty": "",
}
NOT_TEXT = {
    "int": 5,
    "bool": True,
    "float": 1.5,
    "octets": b"x",
    "list of None": [None],
    "dict": {1: 2},
    "object": object(),
    "class": Exception,
}
NOT_NUMBERS = {
    "negative": -1,
    "too large": 2**32,
    "endless": 2**20_000,
    "true": True,
    "false": False,
    "text with a command": "1\r\nDELE 2",
    "text with a space": "1 2",
    "no text": "",
    "long text": "x" * 513,
    "text beyond ASCII": "é",
    "octets": b"1",
    "float": 1.0,
    "list": [1],
    "tuple": (1,),
}


def test_every_type_is_known():
    """A new kind of argument is given its tests here."""
    # Their own tests: tests/test_delivery_options.py, tests/flows/smtp/test_commands.py,
    # tests/flows/pop3/test_many.py, tests/flows/pop3/test_download.py.
    elsewhere = {DeliveryOptions, str | None, int | str}
    # tests/flows/pop3/test_mails.py, tests/clients/test_transport_stream.py and _retry.py.
    elsewhere |= {*get_args(FileTarget), OnProgress, MaildropState}
    elsewhere |= {RetryPolicy, Sendable}
    known = {str, int, bool, type(None), Iterable[str], OnResult, *get_args(Sendable), *elsewhere}
    unknown = [str(argument) for _, argument in ARGUMENTS if set(argument.types) - known]

    assert not unknown


@pytest.mark.parametrize("attack", LINE_ENDS.values(), ids=LINE_ENDS)
@each_argument(str)
def test_line_end(kind, argument, attack):
    """A line end, NUL or lone surrogate is refused, and nothing is sent."""
    with pytest.raises(UsageError):
        call(kind, argument, attack, SAMPLES)


@pytest.mark.parametrize("attack", TRICKS.values(), ids=TRICKS)
@each_argument(str)
def test_one_line_at_most(kind, argument, attack):
    """Any other text is refused, or is sent within one line."""
    try:
        sent = call(kind, argument, attack, SAMPLES)
    except UsageError:
        sent = b""

    assert sent.count(b"\r") == sent.count(b"\n") == sent.count(b"\r\n") == bool(sent)
    assert sent == b"" or sent.endswith(b"\r\n")


@pytest.mark.parametrize("value", NOT_TEXT.values(), ids=NOT_TEXT)
@each_argument(str, without=int)
def test_not_text(kind, argument, value):
    """What is not text is refused, and nothing is sent."""
    with pytest.raises(UsageError):
        call(kind, argument, value, SAMPLES)


@pytest.mark.parametrize("value", [5, "print", b"x", [print]], ids=["int", "str", "bytes", "list"])
@each_argument(OnResult)
def test_not_callable(kind, argument, value):
    """What cannot be called is refused, and nothing is sent."""
    with pytest.raises(UsageError, match=argument.name):
        call(kind, argument, value, SAMPLES)


@each_argument(str, int, without_none=True)
def test_none(kind, argument):
    """None is refused unless the signature has it."""
    with pytest.raises(UsageError):
        call(kind, argument, None, SAMPLES)


@pytest.mark.parametrize("value", NOT_NUMBERS.values(), ids=NOT_NUMBERS)
@each_argument(int)
def test_not_a_number(kind, argument, value):
    """What is not a message number or a count is refused, and nothing is sent."""
    with pytest.raises(UsageError, match=r"message number|count of lines"):
        call(kind, argument, value, SAMPLES)


@each_argument(int, without=str)
def test_digits_are_no_count(kind, argument):
    """A count as text is refused; a message number as text is a unique-id."""
    with pytest.raises(UsageError, match="count of lines"):
        call(kind, argument, "1", SAMPLES)


@pytest.mark.parametrize("method", ["list", "retr", "top", "uid_list"])
def test_digits_are_a_unique_id(method):
    """A message as text is looked up in UIDL, also where it looks like a number."""
    argument = Argument(method, "uid", (int, str))

    assert call(POP3, argument, "1", SAMPLES) == b"UIDL\r\n"


@each_argument(int, name="uid")
def test_message_zero(kind, argument):
    """Messages are numbered from 1."""
    with pytest.raises(UsageError, match="message number"):
        call(kind, argument, 0, SAMPLES)
