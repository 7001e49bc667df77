"""Addresses, token by token: what the usual form gives, and a state that ends with its mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import Address, Group, MessageLimits
from netmail.mime.defects import ignore
from netmail.mime.fields.addresses import address_list
from netmail.mime.fields.lenient_addresses import AddressScanner

PIECES = ["a@b.example", "Ann", '"A, B"', "<c@d.example>", ", ", " ", ";", "Doe, J"]


def scanned(text):
    """Return what the scanner reads, from the first character on."""
    found = []
    AddressScanner(text, 0, found, MessageLimits(), ignore).run()
    return found


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_scanner_reads_the_usual_form_too(text):
    """The usual form gives what the scanner gives."""
    assert address_list(text) == scanned(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A <a@b.example>; x@y.example", ["a@b.example", "x@y.example"]),
        ("<@r.example:a@b.example>, c@d.example", ["a@b.example", "c@d.example"]),
        ("a@b.example:25, c@d.example", ["", "c@d.example"]),
        ("Doe, J <a@b.example>, K <c@d.example>", ["a@b.example", "c@d.example"]),
    ],
)
def test_state_ends_with_its_mailbox(text, expected):
    """An "@", a route or half a name concerns one mailbox only."""
    assert [found.address for found in scanned(text)] == expected


def test_members_of_nested_groups():
    """Members belong to the outermost group."""
    members = (Address("", "a@b.example"), Address("", "c@d.example"))

    assert scanned("A: a@b.example, B: c@d.example;;") == [Group("A", members)]
