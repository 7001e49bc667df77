"""FETCH responses: the usual ones, large ones, and those made to be slow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.wire.imap.msg_att import msg_att, uid_and_body, usual_bodies
from support.imap_responses import data

USUAL = st.builds(b"* %d FETCH (UID %d BODY[] ".__mod__, st.tuples(*[st.integers(0, 2**33)] * 2))
# The usual text with something else in one place.
SPOILT = st.builds(
    lambda text, at, other: text[:at] + other + text[at + 1 :],
    USUAL,
    st.integers(0, 40),
    st.sampled_from([b"", b" ", b"0", b"x", b"(", b")", b'"', b"NIL ", b"FLAGS () ", b"UID 5 "]),
)
FETCH = st.tuples(
    USUAL | SPOILT, st.binary(max_size=20), st.sampled_from([b")", b" )", b"))", b""])
)


@given(FETCH.map(list))
def test_fast_path_agrees(fragments):
    """What the fast path of the usual FETCH reads, the slow path reads too, even strictly."""
    bodies, others = usual_bodies([fragments])

    assert others == ([] if bodies else [fragments])
    for uid, body in bodies.items():
        assert uid_and_body(data(*fragments), strict=True) == (uid, body)


@pytest.mark.parametrize("body", [b"", b"a\r\n", b")"])
def test_usual(body):
    """What servers send for the command of `fetch()` goes the fast path."""
    usual = [b"* 23 FETCH (UID 447 BODY[] ", body, b")"]
    other = [b"* 24 FETCH (BODY[] ", body, b" UID 448)"]

    assert usual_bodies([usual, other]) == ({447: body}, [other])


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize(
    "line",
    [
        b"* 1 FETCH (UID " + b"9" * 1_000_000 + b" BODY[] x)",
        b"* 1 FETCH (" + b"A 1 " * 250_000 + b")",
        b"* 1 FETCH (" + b"(A 1) " * 50_000 + b")",
        b"* 1 FETCH (UID 1 BODY[" + b"x" * 1_000_000,
        b"* 1 FETCH (UID (1) BODY[] x)",
        b"* 1 FETCH (UID)",
        b"* 1 FETCH (((A B)))",
        b"* 1 FETCH ((A) B)",
    ],
    ids=range(8),
)
def test_hostile(line):
    """No such FETCH gives a body, and each is judged in linear time."""
    try:
        found = uid_and_body(data(line))
    except ProtocolError:
        found = None

    assert found is None


def test_uidfetch():
    """RFC 9586 section 3.3: the number of a UIDFETCH response is the UID."""
    found = msg_att(data(b"* 25996 UIDFETCH (FLAGS (\\Seen))"), strict=True)

    assert found == {"UID": b"25996", "FLAGS": [b"\\Seen"]}
