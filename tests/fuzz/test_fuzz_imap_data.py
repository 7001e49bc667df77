"""Data of messages and mailboxes, changed anyhow: read, or refused by the one documented error."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.flows.imap.header_decoding import HEADER_DECODING
from netmail.results.body_structure import BodyStructure
from netmail.wire.imap import responses
from netmail.wire.imap.data import (
    acl,
    body_structure,
    envelope,
    esearch,
    identification,
    metadata,
    names,
    namespace,
    quota,
    thread,
    usual_body,
    vanished,
)
from support.imap_data import BODIES, ENVELOPES
from support.imap_responses import data
from support.timing import full

TEXT = b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1 NIL ("inline" NIL) "en" NIL)'
ANN = b'((NIL NIL "ann" "x.org"))'
SAMPLES = {
    "ENVELOPE": b'("1 Jan 2024" "=?utf-8?q?x?=" %b %b %b ((NIL NIL "g" NIL)(NIL NIL NIL NIL)) NIL '
    b'NIL "<i@x>" "<m@x>")' % (ANN, ANN, ANN),
    "BODY": b"(" + TEXT + b'("message" "rfc822" NIL NIL NIL "7bit" 5 (NIL NIL NIL NIL NIL NIL NIL '
    b"NIL NIL NIL) (" + TEXT + b' "mixed") 9 NIL NIL NIL NIL) "mixed" ("boundary" "x") NIL NIL)',
    "NAMESPACE": b'(("" "/")) (("~" "/" "X" ("y"))) NIL',
    "ID": b'("name" "x" "version" NIL)',
    "QUOTA": b'"" (STORAGE 10 512)',
    "QUOTAROOT": b'INBOX "" x',
    "ACL": b"INBOX ann lrs bob r",
    "LISTRIGHTS": b"INBOX ann l r s",
    "MYRIGHTS": b"INBOX lrs",
    "METADATA": b'INBOX (/a "b" /c NIL)',
    "VANISHED": b"(EARLIER) 41,43:116",
    "ESEARCH": b'(TAG "x") UID MIN 2 ALL 2,10:11 PARTIAL (1:2 NIL) ADDTO (0 5)',
    "THREAD": b"(2)(3 6 (4 23)(44 7 96))",
    "LANGUAGE": b'("en" "de")',
}
READERS = {
    "NAMESPACE": namespace.namespace_response,
    "ID": identification.id_response,
    "QUOTA": quota.quota_response,
    "QUOTAROOT": quota.quotaroot_response,
    "ACL": acl.acl_data,
    "LISTRIGHTS": acl.listrights_data,
    "MYRIGHTS": acl.myrights_data,
    "METADATA": metadata.metadata_response,
    "VANISHED": vanished.expunged_resp,
    "ESEARCH": esearch.esearch_response,
    "THREAD": thread.thread_data,
    "LANGUAGE": names.language_data,
}
TOKENS = [
    *(b"(", b")", b"()", b"NIL", b'"', b'""', b"\\", b" ", b"-1", b"0", b"9" * 20, b'"a"', b"\xff"),
    *(
        b"((",
        b"))",
        b"mixed",
        b'"text"',
        b'"message"',
        b'"rfc822"',
        b"{3}",
        b"*",
        b":",
        b",",
        b"\0",
    ),
]
MUTATIONS = full(200_000, quick=2_000)


def read_value(name, text):
    """Read a value of a message by both readers; what both read is the same."""
    read, usual = {
        "ENVELOPE": (envelope.envelope, envelope.usual_envelope),
        "BODY": (body_structure.body_structure, usual_body.usual_body),
    }[name]
    fast = usual(text, HEADER_DECODING)
    values = responses.values([text])
    slow = read(values[0] if values else None, HEADER_DECODING)
    assert fast is None or fast == slow
    if isinstance(slow, BodyStructure):
        assert len({part.section for part in slow.walk()}) == len(list(slow.walk()))


def target(name, text):
    """Read one kind of data."""
    if name in READERS:
        READERS[name](data(b"* %b %b" % (name.encode(), text)))
    else:
        read_value(name, text)


def mutated(draw, text):
    """Return a text with a few octets and tokens changed."""
    octets = bytearray(text)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(octets) + 1)
        until = at + draw.choice((0, 0, 1, 1, 2, 8))
        octets[at:until] = draw.choice((b"", bytes([draw.randrange(256)]), draw.choice(TOKENS)))
    return bytes(octets)


def test_mutated_data():
    """No sample, changed anyhow, ends in anything but a value or a `ProtocolError`."""
    draw = random.Random(11)
    kinds = [*SAMPLES, *["ENVELOPE", "BODY"] * len(SAMPLES)]
    for number in range(MUTATIONS):
        name = kinds[number % len(kinds)]
        text = mutated(draw, SAMPLES[name])
        try:
            target(name, text)
        except ProtocolError:
            continue
        except Exception as error:
            raise AssertionError(f"{name} {text!r}") from error


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name):
    """What is changed is read where it is not changed."""
    target(name, SAMPLES[name])


@settings(deadline=None)
@given(
    kind=st.sampled_from(["ENVELOPE", "BODY"]),
    seed=st.integers(0, 2**32),
    envelope_text=ENVELOPES,
    body_text=BODIES,
)
def test_mutated_messages(kind, seed, envelope_text, body_text):
    """The same of envelopes and structures of any form."""
    text = mutated(random.Random(seed), envelope_text if kind == "ENVELOPE" else body_text)
    try:
        read_value(kind, text)
    except ProtocolError:
        return
