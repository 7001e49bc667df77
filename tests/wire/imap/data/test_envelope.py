"""ENVELOPE: known samples, what servers do against the grammar, and its two readers."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given

from netmail.address import Address, Group
from netmail.errors import ProtocolError
from netmail.flows.imap.header_decoding import HEADER_DECODING
from netmail.results.imap_envelope import ImapEnvelope
from netmail.wire.imap import responses
from netmail.wire.imap.data.envelope import envelope, usual_envelope
from support.imap_data import ENVELOPES

GRAY = Address("Terry Gray", "gray@cac.washington.edu")
# RFC 9051 section 8, the sample of an IMAP session.
RFC9051 = (
    b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) '
    b'(("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) '
    b'((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL '
    b'"<B27397-0100000@cac.washington.edu>")'
)
ANN = b'((NIL NIL "ann" "x.org"))'


def thorough(text, *, strict=False):
    """Read an envelope by the thorough reader."""
    return envelope(responses.values([text])[0], HEADER_DECODING, strict=strict)


def to(text, *, strict=False):
    """Read the recipients of an envelope that has nothing else."""
    whole = b'(NIL "x" NIL NIL NIL ' + text + b" NIL NIL NIL NIL)"
    return thorough(whole, strict=strict).to


def test_sample():
    """The sample of RFC 9051 section 8 is read as it is meant."""
    assert usual_envelope(RFC9051, HEADER_DECODING) == ImapEnvelope(
        date=datetime(1996, 7, 17, 2, 23, 25, tzinfo=timezone(-timedelta(hours=7))),
        subject="IMAP4rev2 WG mtg summary and minutes",
        from_=(GRAY,),
        sender=(GRAY,),
        reply_to=(GRAY,),
        to=(Address("", "imap@cac.washington.edu"),),
        cc=(Address("", "minutes@CNRI.Reston.VA.US"), Address("John Klensin", "KLENSIN@MIT.EDU")),
        message_id="<B27397-0100000@cac.washington.edu>",
        raw_date=b"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)",
        raw_subject=b"IMAP4rev2 WG mtg summary and minutes",
    )


def test_recipients():
    """The recipients are those of all three fields, without groups."""
    text = b'(NIL NIL NIL NIL NIL ((NIL NIL "g" NIL)(NIL NIL "a" "x")(NIL NIL NIL NIL)) ' + ANN
    found = thorough(text + b' ((NIL NIL "b" "x")) NIL NIL)')

    assert [each.address for each in found.recipients] == ["a@x", "ann@x.org", "b@x"]


@pytest.mark.parametrize("text", [b"NIL", b"(NIL)", RFC9051[:-1] + b' "more")', RFC9051[:-1]])
def test_the_usual_reader_gives_up(text):
    """Another form is left to the thorough reader."""
    assert usual_envelope(text, HEADER_DECODING) is None


@given(text=ENVELOPES)
def test_both_readers_agree(text):
    """The reader of the usual form returns what the thorough one does, which refuses nothing."""
    slow = thorough(text, strict=True)
    fast = usual_envelope(text, HEADER_DECODING)

    assert fast is None or fast == slow
    assert fast is not None or b" NIL)" in text


def test_encoded_words_and_raw_octets():
    """Text is decoded where it is text, and nowhere else."""
    words = b"=?utf-8?q?J=C3=BCrgen?="
    found = thorough(
        b'(NIL "%b" (("%b" NIL "%b" "x.org")) NIL NIL NIL NIL NIL "%b" NIL)' % ((words,) * 4)
    )

    assert found.subject == "Jürgen"
    assert found.from_ == (Address("Jürgen", "=?utf-8?q?J=C3=BCrgen?=@x.org"),)
    assert found.in_reply_to == words.decode()
    assert thorough(b'(NIL "J\xfcrgen" NIL NIL NIL NIL NIL NIL NIL NIL)').subject == "Jürgen"


def test_literals_are_unfolded():
    """A server may send a string as a literal, with its folds."""
    fragments = [b"(NIL ", b"one\r\n two\0", b" NIL NIL NIL NIL NIL NIL NIL ", b"<a\r\n @b>", b")"]
    found = envelope(responses.values(fragments)[0], HEADER_DECODING)

    assert (found.subject, found.message_id) == ("one two", "<a @b>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'((NIL NIL "john doe" "x.org"))', Address("", '"john doe"@x.org')),
        (b'((NIL NIL "\\"a b\\"" "x.org"))', Address("", '"a b"@x.org')),
        (b'((NIL NIL "a@b" "x.org"))', Address("", '"a@b"@x.org')),
        (b'((NIL NIL "a\\"b" "x.org"))', Address("", '"a\\"b"@x.org')),
        (b'((NIL NIL "a" "[127.0.0.1]"))', Address("", "a@[127.0.0.1]")),
        (b'(("N" NIL "a" "x.org> <b@y.org"))', Address("N", "")),
        (b'((NIL NIL "a" "x.org, b@y.org"))', Address("a", "")),
        (b'(("N" NIL "root" "MISSING_DOMAIN"))', Address("N", "root")),
        (b'((NIL NIL "root" ".MISSING-HOST-NAME."))', Address("", "root")),
        (b'(("a mess" NIL "MISSING_MAILBOX" "MISSING_DOMAIN"))', Address("a mess", "")),
        (b'((NIL NIL "a\r\nb" "x.org"))', Address("ab", "")),
    ],
)
def test_addresses(text, expected):
    """A mailbox gets its quotes back, and what is no address is shown as a name."""
    assert to(text) == (expected,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'((NIL NIL "list" NIL)(NIL NIL NIL NIL))', (Group("list"),)),
        (
            b'((NIL NIL "l" NIL)("B" NIL "b" "x")(NIL NIL NIL NIL)(NIL NIL "c" "x"))',
            (Group("l", (Address("B", "b@x"),)), Address("", "c@x")),
        ),
    ],
)
def test_groups(text, expected):
    """RFC 9051 section 7.5.2: a NIL host begins and ends a group."""
    assert to(text, strict=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'"nobody"', ()),
        (b'(NIL NIL "a" "x")', (Address("", "a@x"),)),
        (b'((NIL "a" "x"))', (Address("", "a@x"),)),
        (b'((NIL "x"))', ()),
        (b'((NIL NIL "a" "x" "more"))', (Address("", "a@x"),)),
        (b'(NIL (NIL NIL "a" "x"))', (Address("", "a@x"),)),
        (b'((NIL NIL "l" NIL)(NIL NIL "a" "x"))', (Group("l", (Address("", "a@x"),)),)),
        (
            b'((NIL NIL "l" NIL)(NIL NIL "m" NIL)(NIL NIL NIL NIL))',
            (Group("l"), Group("m")),
        ),
    ],
)
def test_broken_addresses(text, expected):
    """What servers write against the grammar is read as it must be meant, or left out."""
    assert to(text) == expected


@pytest.mark.parametrize("count", range(1, 10))
def test_missing_fields(count):
    """Fields are missing at the end; the last string is the Message-ID."""
    whole = [b"NIL", b'"s"', *[ANN] * 6, b'"<i@x>"', b'"<m@x>"']
    text = b"(" + b" ".join(whole[:count]) + b")"
    found = thorough(text)

    assert found.message_id == ("<i@x>" if count == 9 else "")
    assert found.subject == ("s" if count > 1 else "")
    with pytest.raises(ProtocolError, match="ten fields"):
        thorough(text, strict=True)


@pytest.mark.parametrize(
    "text", [b"NIL", b'"x"', b"()", b"(NIL (a) NIL NIL NIL NIL NIL NIL NIL NIL)"]
)
def test_no_envelope(text):
    """What has another structure is refused: nobody could tell which field is which."""
    with pytest.raises(ProtocolError):
        thorough(text)


@pytest.mark.parametrize("text", [b'"x"', b'((NIL NIL "a"))', b'((NIL NIL "l" NIL))'])
def test_strict(text):
    """What is put up with otherwise is refused where strict."""
    with pytest.raises(ProtocolError):
        to(text, strict=True)
