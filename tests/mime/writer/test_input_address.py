"""Addresses as callers give them."""

import pytest

from netmail.address import Address, Group, mailboxes
from netmail.mime.writer.input_address import address_list


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x", [Address("", "a@x")]),
        (" <a@x> ", [Address("", "a@x")]),
        ("Ann B <a@x>", [Address("Ann B", "a@x")]),
        ('"B, Ann" <a@x>, c@x', [Address("B, Ann", "a@x"), Address("", "c@x")]),
        ('"a \\"b\\" c" <a@x>', [Address('a "b" c', "a@x")]),
        ("Bob (Sales) <b@x>", [Address("Bob (Sales)", "b@x")]),
        ("O'Neil <o@x>,", [Address("O'Neil", "o@x")]),
        ('"a b,c"@x', [Address("", '"a b,c"@x')]),
        ('N <"a>b"@x>', [Address("N", '"a>b"@x')]),
        ("a@[127.0.0.1]", [Address("", "a@[127.0.0.1]")]),
        ("a@[IPv6:::1], b@x", [Address("", "a@[IPv6:::1]"), Address("", "b@x")]),
        ("Ünï <u@x>", [Address("Ünï", "u@x")]),
        ("ü@x", [Address("", "ü@x")]),
        ("a@Bücher.example", [Address("", "a@xn--bcher-kva.example")]),
        ("a@straße.example", [Address("", "a@xn--strae-oqa.example")]),
        ("a@日本。example", [Address("", "a@xn--wgv71a.example")]),
        ("Team: a@x, B <b@x>;", [Group("Team", (Address("", "a@x"), Address("B", "b@x")))]),
        ("none:;, c@x", [Group("none"), Address("", "c@x")]),
        ("a+b=c@x", [Address("", "a+b=c@x")]),
        ("DOM\\user <a@x>", [Address("DOM\\user", "a@x")]),
    ],
)
def test_address_list(text, found):
    """Callers' addresses are read strictly, and as they are meant."""
    assert address_list(text) == found


def test_mailboxes():
    """Members of groups are mailboxes too."""
    assert mailboxes(address_list("g: a@x, b@x;, c@x")) == [
        Address("", "a@x"),
        Address("", "b@x"),
        Address("", "c@x"),
    ]
