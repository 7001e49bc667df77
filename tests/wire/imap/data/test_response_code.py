"""Response codes: the samples of the RFCs that define their data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.results.imap import AppendResult, CopyResult
from netmail.results.response_code import MessageLimit, MetadataProblem, Progress
from netmail.wire.imap import responses
from netmail.wire.imap.data.response_code import _READERS, _WHOLE, code_value


def value_of(code):
    """Read the code of a line."""
    status = responses.status(b"T1 NO [%b] text" % code)
    assert status is not None
    assert status.code.name
    return code_value(status.code)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # RFC 9051 section 7.1 and RFC 5530 section 3
        (b"ALERT", None),
        (b"TRYCREATE", None),
        (b"OVERQUOTA", None),
        (b"BADCHARSET", ()),
        (b"BADCHARSET (UTF-8 US-ASCII)", ("UTF-8", "US-ASCII")),
        (b"CAPABILITY IMAP4rev2 X", ("IMAP4rev2", "X")),
        (b"PERMANENTFLAGS (\\Deleted \\*)", ("\\Deleted", "\\*")),
        (b"UIDNEXT 4392", 4392),
        (b"UIDVALIDITY 3857529045", 3857529045),
        (b"APPENDUID 38505 3955", AppendResult(38505, 3955)),
        (
            b"COPYUID 38505 304,319:320 3956:3958",
            CopyResult(38505, (304, 319, 320), (3956, 3957, 3958)),
        ),
        # RFC 7162 section 3.1
        (b"HIGHESTMODSEQ 715194045007", 715194045007),
        (b"MODIFIED 7,9:10", (7, 9, 10)),
        # RFC 4469 section 3, RFC 2193 section 4
        (
            b'BADURL "/INBOX;UIDVALIDITY=785799047/;UID=113330"',
            "/INBOX;UIDVALIDITY=785799047/;UID=113330",
        ),
        (b"REFERRAL IMAP://user;AUTH=*@SERVER2/", "IMAP://user;AUTH=*@SERVER2/"),
        # RFC 5267 section 4.3.1, RFC 5466 section 3.1, RFC 8474 section 4.1
        (b'NOUPDATE "B02"', "B02"),
        (b"UNDEFINED-FILTER saved-search", "saved-search"),
        (b"MAILBOXID (F2212ea87-6097-4256-9d51-71338625)", "F2212ea87-6097-4256-9d51-71338625"),
        # RFC 5464 section 4
        (b"METADATA LONGENTRIES 2199", MetadataProblem("LONGENTRIES", 2199)),
        (b"METADATA MAXSIZE 1024", MetadataProblem("MAXSIZE", 1024)),
        (b"METADATA TOOMANY", MetadataProblem("TOOMANY")),
        # RFC 9585 section 4
        (b'INPROGRESS ("A001" 454 1000)', Progress("A001", 454, 1000)),
        (b"INPROGRESS (NIL 454 NIL)", Progress("", 454, None)),
        (b"INPROGRESS", Progress()),
        # RFC 9738 section 3
        (b"MESSAGELIMIT 1000 23221", MessageLimit(1000, 23221)),
        (b"MESSAGELIMIT 1000", MessageLimit(1000)),
        # RFC 5257 section 4.1
        (b"ANNOTATIONS 20480 NOPRIVATE", ("20480", "NOPRIVATE")),
        # What no RFC defines.
        (b"X-OTHER a b", "a b"),
    ],
)
def test_samples(code, expected):
    """Each code's data is a value of its kind."""
    assert value_of(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        *(b"UIDNEXT -1", b"UIDNEXT", b"UIDNEXT 1 2", b"MODIFIED 1:*", b"INPROGRESS (a", b"BADURL"),
        *(b"INPROGRESS (NIL 5 4)", b"INPROGRESS (NIL 0 0)", b"INPROGRESS (NIL 4294967296 NIL)"),
        *(b"INPROGRESS (NIL 1 4294967296)",),
        *(b"INPROGRESS x", b"MESSAGELIMIT", b"MESSAGELIMIT x", b"METADATA", b"METADATA (x)"),
        *(b"COPYUID 1 2:3 4:5:6", b"MAILBOXID ()"),
    ],
)
def test_no_sense(code):
    """Data that makes no sense is none, and costs nothing else."""
    assert value_of(code) is None


@given(
    name=st.sampled_from([*_READERS, *_WHOLE, "X"]),
    data=st.text(st.sampled_from('()"\\ 1:,aN*{}[]\xe4\udcff'), max_size=20),
)
def test_anything(name, data):
    """No data ends in anything but a value."""
    code_value(responses.ResponseCode(name, data))
