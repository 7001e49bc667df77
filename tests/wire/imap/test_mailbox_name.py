"""Mailbox names as servers write them."""

import pytest

from netmail.errors import ProtocolError
from netmail.wire.imap.mailbox_name import decoded_name, mailbox_name


@pytest.mark.parametrize(
    ("fragments", "name"),
    [
        ([b"INBOX"], b"INBOX"),
        ([b"a]b"], b"a]b"),
        ([b"NIL"], b"NIL"),
        ([b'""'], b""),
        ([rb'"a \"b\" \\c"'], rb'a "b" \c'),
        ([b"", b'Hell"oh)(', b""], b'Hell"oh)('),
        ([b'x ("CHILDINFO" ("SUBSCRIBED"))'], b"x"),
        ([b'"x y" ("OLDNAME" ("z"))'], b"x y"),
    ],
)
def test_forms(fragments, name):
    """An atom, a quoted string or a literal, and what LIST-EXTENDED adds."""
    assert mailbox_name(fragments, strict=True) == name


@pytest.mark.parametrize(
    ("text", "name"), [(b"My Folder", b"My Folder"), (b'"Hell"oh"', b'Hell"oh'), (b"a\tb", b"a\tb")]
)
def test_unquoted(text, name):
    """What needs quotes and has none is one name, and refused where strict."""
    assert mailbox_name([text], strict=False) == name
    with pytest.raises(ProtocolError, match="without quotes"):
        mailbox_name([text], strict=True)


@pytest.mark.parametrize(
    "fragments", [[b""], [b" "], [b'"'], [b"(x)"], [b"x ", b"y", b""], [b"", b"x", b" y"]]
)
def test_no_name(fragments):
    """What is no name is not made one."""
    with pytest.raises(ProtocolError):
        mailbox_name(fragments, strict=False)


def test_decoded():
    """Modified UTF-7 is decoded; any other name is kept, and refused where strict."""
    assert decoded_name(b"Entw&APw-rfe", strict=True) == "Entwürfe"
    assert decoded_name(b"R&D", strict=False) == "R&D"
    with pytest.raises(ProtocolError, match="modified UTF-7"):
        decoded_name(b"R&D", strict=True)
