"""Text of another side is shown without what a terminal or a log would obey."""

import pytest

from netmail.delivery import DeliveryFailed
from netmail.errors import ImapError, NetmailError
from netmail.printable import printable

CASES = {
    "plain": ("Grüße aus Köln \U0001f600", "Grüße aus Köln \U0001f600"),
    "spaces": ("a\tb\u00a0c\u3000d", "a\tb\u00a0c\u3000d"),
    "empty": ("", ""),
    "ESC": ("a\x1b[2Jb", "a\\x1b[2Jb"),
    "line end": ("a\r\nb", "a\\x0d\\x0ab"),
    "NUL and DEL": ("\0\x7f", "\\x00\\x7f"),
    "C1": ("\x85\x9b2J", "\\x85\\x9b2J"),
    "separators": ("\u2028\u2029", "\\u2028\\u2029"),
    "bidirectional": ("\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"),
    "octet": (b"\xff".decode("utf-8", "surrogateescape"), "\\xff"),
    "surrogate": ("\ud800", "\\ud800"),
    "tag": ("\U000e0041", "\\U000e0041"),
}


@pytest.mark.parametrize("name", CASES)
def test_printable(name):
    """What is not shown as itself is escaped, once."""
    text, shown = CASES[name]

    assert printable(text) == shown
    assert printable(shown) == shown
    shown.encode("utf-8")


def test_lines_are_kept():
    """A reply of several lines keeps its line feeds where that is asked for."""
    assert printable("a\nb\rc", lines=True) == "a\nb\\x0dc"


def test_every_error_can_be_printed():
    """A message is escaped by the base class of all errors."""
    kinds = [NetmailError]
    for kind in kinds:
        kinds += kind.__subclasses__()

    assert len(kinds) > 15
    kinds.remove(DeliveryFailed)  # its first argument is the message
    assert {"__str__", "__repr__"}.isdisjoint(name for kind in kinds for name in vars(kind))
    assert str(DeliveryFailed(None, "a\x1b\udcff")) == "a\\x1b\\xff"
    assert str(NetmailError("a\x1b\udcff")) == "a\\x1b\\xff"
    assert ImapError("NOOP", "a\x9b", "NO").text == "NO a\\x9b"
