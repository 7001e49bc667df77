"""LIST responses with the data that extensions add."""

import pytest

from netmail.wire.imap.data.mailbox_info import mailbox_info
from support.imap_responses import data


@pytest.mark.parametrize(
    ("line", "old_name", "child_info"),
    [
        (b'* LIST () "/" x', None, ()),
        (b'* LIST () "/" x ("OLDNAME" ("y&AOQ-"))', "yä", ()),
        (b'* LIST () "/" x (CHILDINFO (subscribed remote))', None, ("SUBSCRIBED", "REMOTE")),
        (b'* LIST () "/" "x" ("A" 5 "B" NIL "OLDNAME" ("y"))', "y", ()),
        (b'* LIST () "/" "x" ("OLDNAME" ())', None, ()),
        (b'* LIST () "/" "x" ((1) 2 "OLDNAME")', None, ()),
    ],
)
def test_extended(line, old_name, child_info):
    """What is known is read, in any order, and anything else is left out."""
    info, written = mailbox_info(data(line))

    assert (info.name, written) == ("x", b"x")
    assert (info.old_name, info.child_info) == (old_name, child_info)
