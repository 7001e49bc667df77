"""BINARYMIME: contents that are neither 7BIT nor 8BITMIME, which only BDAT carries."""

from dataclasses import replace

import pytest

from netmail.envelope import Envelope
from netmail.errors import MessageError
from support.smtp_batch import OPTIONS, batch_of, sent

OFFERED = {"PIPELINING": (), "8BITMIME": (), "CHUNKING": (), "BINARYMIME": ()}
NUL = b"A: b\r\n\r\nx\0\xff\r\n"
LONG = b"\r\n" + b"x" * 1000 + b"\r\n"


def batch(content, offered=OFFERED, **options):
    """A session with one message."""
    made = batch_of(offered=offered)
    made.session.options = replace(OPTIONS, **{"pipelining": "full", **options})
    made.queue.add(Envelope("ann@x.test", ("bob@x.test",), content), allow_long_lines=True)
    return made


def whole(content, parameter):
    """The transcript of the message by BDAT."""
    return f"""
        C: MAIL FROM:<ann@x.test>{parameter}
        C: RCPT TO:<bob@x.test>
        C! BDAT {len(content)} LAST\\r\\n{shown(content)}
        S: 250 Ok
        S: 250 Ok
        S: 250 Ok
    """


def shown(content):
    """Octets with Python's escapes."""
    return "".join(chr(each) if 32 <= each < 127 else f"\\x{each:02x}" for each in content)


NEEDS_IT = {"NUL": NUL, "long lines": LONG}


@pytest.mark.parametrize("chunking", [False, True, "auto"])
@pytest.mark.parametrize("content", NEEDS_IT.values(), ids=NEEDS_IT)
def test_used_where_it_is_needed(content, chunking):
    """A content that needs it is sent by BDAT, whatever the option says, and unchanged."""
    report = sent(batch(content, chunking=chunking), whole(content, " BODY=BINARYMIME"), None)

    assert report


def test_not_used_where_it_is_not_needed():
    """Octets over 127 alone need 8BITMIME."""
    content = b"\r\n\xff\r\n"
    report = sent(batch(content, chunking=True), whole(content, " BODY=8BITMIME"), None)

    assert report


def by_data(content, parameter):
    """The transcript of the message by DATA."""
    return f"""
        C: MAIL FROM:<ann@x.test>{parameter}
        C: RCPT TO:<bob@x.test>
        C: DATA
        S: 250 Ok
        S: 250 Ok
        S: 354 go
        C! {shown(content)}.\\r\\n
        S: 250 Ok
    """


LACKING = {
    "no BINARYMIME": {"PIPELINING": (), "8BITMIME": (), "CHUNKING": ()},
    "no CHUNKING": {"PIPELINING": (), "8BITMIME": (), "BINARYMIME": ()},
}


@pytest.mark.parametrize("offered", LACKING.values(), ids=LACKING)
def test_not_offered(offered):
    """A server without it gets the octets as they are, and no parameter that it does not know."""
    report = sent(batch(NUL, offered), by_data(NUL, " BODY=8BITMIME"), None)

    assert report


def test_never_by_data():
    """RFC 3030 section 3: BINARYMIME cannot be used with DATA; without pipelining DATA is used."""
    made = batch(NUL, pipelining="envelope")
    report = sent(made, by_data(NUL, " BODY=8BITMIME").replace("C: DATA\n", "", 1).replace(
        "S: 354 go", "C: DATA\nS: 354 go"), None)  # fmt: skip

    assert report


def test_long_lines_are_refused_unless_they_are_allowed():
    """Unless the caller allows it, a long line is a mistake, with or without the extension."""
    with pytest.raises(MessageError, match="1000 octets"):
        batch_of(Envelope("ann@x.test", ("bob@x.test",), LONG), offered=OFFERED)


def test_refused_parameter():
    """A server that refuses the parameter after all has refused the message; nothing is lost."""
    made = batch(NUL)
    refused = whole(NUL, " BODY=BINARYMIME").replace("S: 250 Ok", "S: 555 5.5.4 no", 1)
    refused = refused.replace("S: 250 Ok", "S: 503 5.5.1 MAIL first")
    report = sent(made, refused + "C: RSET\nS: 250 Ok\n", None)

    assert not report
    assert report.refused[0].code == 555
