"""What one mailbox means: never an address that is not written as one."""

import pytest

from netmail.address import mailboxes
from netmail.mime.fields.addresses import address_list


@pytest.mark.parametrize(
    "text",
    [
        "=?utf-8?q?boss=40bank.example?=",
        "=?utf-8?q?boss=40bank.example_=3Cboss=40bank.example=3E?=",
        "=?utf-8?b?PGJvc3NAYmFuay5leGFtcGxlPg==?=",
        "<=?utf-8?q?boss=40bank.example?=>",
        "a@evil.example@bank.example",
        "<a@evil.example@bank.example>",
        "alice@bank.example)bob@evil.example",
        "alice@bank.example(bob@evil.example",
        "alice@bank.example>bob@evil.example",
        "alice@bank.example:bob@evil.example",
        "alice@bank.example[bob@evil.example",
        "alice@bank.example]bob@evil.example",
        'alice@bank.example"bob@evil.example',
        "<a@bank.example> <b@evil.example>",
        "<a@bank.example>b@evil.example",
        "a@bank.example b@evil.example",
        "a b@c.example d@e.example",
    ],
)
def test_ambiguous_text_gives_no_address(text):
    """CVE-2019-16056, CVE-2023-27043 and their kin: a name, a defect, and no address."""
    kinds = []
    addresses = [each.address for each in mailboxes(address_list(text, report=kinds.append))]

    assert set(addresses) == {""}


def test_encoded_word_in_an_address_stays_as_it_is():
    """Text inside an address is never decoded."""
    assert address_list("=?utf-8?q?x?=@b.example")[0].address == "=?utf-8?q?x?=@b.example"
