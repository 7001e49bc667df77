"""Mailbox names to and from modified UTF-7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.wire.imap import utf7

KNOWN = {
    "INBOX": b"INBOX",
    "": b"",
    "&": b"&-",
    "R&D": b"R&-D",
    "&&": b"&-&-",
    "Entwürfe": b"Entw&APw-rfe",
    "~peter/mail/台北/日本語": b"~peter/mail/&U,BTFw-/&ZeVnLIqe-",
    "😀": b"&2D3eAA-",
    "a\tb": b"a&AAk-b",
    "é-": b"&AOk--",
    "ü&": b"&APw-&-",
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_names(name):
    """RFC 3501 section 5.1.3, encoded and decoded."""
    assert utf7.encode(name) == KNOWN[name]
    assert utf7.decode(KNOWN[name]) == name


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_round_trip(name):
    """Every name of any characters comes back, and is printable ASCII on the wire."""
    written = utf7.encode(name)

    assert utf7.decode(written) == name
    assert utf7.is_canonical(written)
    assert all(0x20 <= octet <= 0x7E for octet in written)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b"R&D", "R&D"),
        (b"&", "&"),
        (b"&-&", "&-&"),
        (b"&AGEAYg-", "&AGEAYg-"),
        (b"&AOR-", "&AOR-"),
        (b"&A-", "&A-"),
        (b"&2D0-", "&2D0-"),
        (b"&AOk-&AOk-", "&AOk-&AOk-"),
        ("Entwürfe".encode(), "Entwürfe"),
        (b"\xff", "\udcff"),
        (b"a\tb", "a\tb"),
    ],
)
def test_foreign_names(written, shown):
    """What is not in the one right form is kept as it is, so that no two names look alike."""
    assert utf7.decode(written) == shown
    assert not utf7.is_canonical(written)


@given(st.binary(max_size=30) | st.text("&-AOk,+ ab").map(str.encode))
def test_any_octets(written):
    """Any octets name a mailbox, and no octet is lost."""
    shown = utf7.decode(written)

    canonical = utf7.is_canonical(written)
    assert written == (utf7.encode(shown) if canonical else shown.encode(errors="surrogateescape"))
