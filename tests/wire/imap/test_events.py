"""Untagged responses read as events."""

import pytest

from netmail.errors import ProtocolError
from netmail.results.imap_events import Bye, Exists, Expunged, FlagsChanged
from netmail.results.vanished import Vanished
from netmail.wire.imap.events import event

READ = {
    b"* 23 EXISTS": Exists(23),
    b"* 0 exists": Exists(0),
    b"* 44 EXPUNGE": Expunged(None, 44),
    rb"* 14 FETCH (FLAGS (\Seen $x))": FlagsChanged(None, ("\\Seen", "$x"), 14),
    b"* 5 FETCH (UID 9 MODSEQ (65) FLAGS ())": FlagsChanged(9, (), 5, 65),
    b"* VANISHED 300:310,4": Vanished(((300, 310), (4, 4))),
    b"* VANISHED (EARLIER) 41": Vanished(((41, 41),), earlier=True),
    b"* BYE Autologout": Bye("Autologout"),
    b"* BYE": Bye(""),
    b"* BYE [ALERT] now": Bye("now"),
    b"* 14 FETCH (UID 5)": None,
    b"* 5 RECENT": None,
    b"* FLAGS (EXISTS)": None,
    b"* OK still here": None,
    b"* OK 5 EXISTS": None,
    b"* EXISTS": None,
    b"+ 5 EXISTS": None,
    b"": None,
}
BROKEN = [b"* 9999999999 EXISTS", b"* VANISHED", b"* VANISHED 0", b"* 5 FETCH (FLAGS", b"* 5 FETCH"]


@pytest.mark.parametrize("line", READ, ids=bytes.decode)
def test_read(line):
    """Each response is its event, or none."""
    assert event([line], strict=True) == READ[line]


@pytest.mark.parametrize("line", BROKEN, ids=bytes.decode)
def test_broken(line):
    """What has the name of an event and not its form is refused."""
    with pytest.raises(ProtocolError):
        event([line], strict=True)


def test_literal():
    """A literal in FETCH data is no reason to lose the flags."""
    fragments = [b"* 14 FETCH (BODY[] ", b"x)(\r\n", rb" FLAGS (\Seen))"]

    assert event(fragments, strict=True) == FlagsChanged(None, ("\\Seen",), 14)
