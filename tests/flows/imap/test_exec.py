"""Commands as they are written."""

import pytest

from netmail.errors import ImapError, UsageError
from netmail.flows.imap.exec import exec
from support.imap_sessions import run, selected


def test_exec():
    """All untagged responses, literals in quotes, then the tagged one without its tag."""
    transcript = """
        C: T1 UID FETCH 1 (FLAGS BODY[HEADER])
        S: * OK [X 1] a remark
        S! * 1 FETCH (UID 1 FLAGS () BODY[HEADER] {4}\\r\\na: b)\\r\\n
        S: * 17
        S: * 2 EXISTS
        S: T1 OK [Y z] done
    """

    text = run(
        lambda i: exec(i, "  uid fetch 1 (FLAGS BODY[HEADER]) ", None),
        transcript.replace("UID FETCH", "uid fetch"),
        selected,
    )
    assert text.split("\r\n") == [
        "* OK [X 1] a remark",
        '* 1 FETCH (UID 1 FLAGS () BODY[HEADER] "a: b")',
        "* 17",
        "* 2 EXISTS",
        "OK [Y z] done",
    ]
    assert text.values()[1] == [1, "FETCH", ["UID", 1, "FLAGS", [], "BODY[HEADER]", b"a: b"]]


def test_exec_without_arguments():
    """A command may have no arguments."""
    assert run(lambda i: exec(i, "NAMESPACE", None), "C: T1 NAMESPACE\nS: T1 OK x") == "OK x"


def test_exec_selects():
    """The path is selected before."""
    transcript = 'C: T1 SELECT "x"\nS: * 0 EXISTS\nS: T1 OK y\nC: T2 SORT\nS: T2 OK'

    assert run(lambda imap: exec(imap, "SORT", "x"), transcript) == "OK"


def test_exec_refused_by_the_server():
    """An error names the command without its arguments."""
    with pytest.raises(ImapError, match=r"^UID FOO: BAD what") as caught:
        run(
            lambda i: exec(i, "UID FOO secret", None),
            "C: T1 UID FOO secret\nS: T1 BAD what",
        )
    assert caught.value.command == "UID FOO"


@pytest.mark.parametrize(
    "command",
    [
        "SELECT x",
        "select x",
        " EXAMINE x",
        "CLOSE",
        "UNSELECT",
        "LOGOUT",
        "APPEND x {3}",
        "LOGIN a b",
        "AUTHENTICATE PLAIN",
        "STARTTLS",
        "IDLE",
        "COMPRESS DEFLATE",
        "UNAUTHENTICATE",
        "DELETE x",
        "RENAME x y",
        "ENABLE UTF8=ACCEPT",
        "NOTIFY NONE",
    ],
)
def test_exec_refuses_state(command):
    """What would leave netmail out of step is refused, and the error names what to use."""
    with pytest.raises(UsageError, match="use "):
        run(lambda imap: exec(imap, command, None), "")


@pytest.mark.parametrize(
    "command",
    [
        "",
        " ",
        "UID",
        "UID ",
        "NOOP\r\nT2 LOGOUT",
        "NOOP\n",
        "NOOP\0",
        "SEARCH SUBJECT {3}",
        "X {3+}",
        "X ~{3} ",
        "SELECT\tx",
        "(x)",
        "é",
        "UID\tFETCH 1 x",
        "X\ud800",
        None,
    ],
)
def test_exec_refuses_form(command):
    """One line, one command, no literals."""
    with pytest.raises(UsageError):
        run(lambda imap: exec(imap, command, None), "")
