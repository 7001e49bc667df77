"""POP3's grammar, line by line, with the tolerances that servers need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import NetmailError, Pop3Error, ProtocolError, UsageError
from netmail.wire import pop3
from netmail.wire.server_text import decode


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"+OK", ""),
        (b"+OK ", ""),
        (b"+OK done", "done"),
        (b"+ok done", "done"),
        (b"+OK\tdone", "done"),
        (b"+OK   2 320 ", "2 320 "),
        (b"+OK caf\xc3\xa9", "café"),
        (b"+OK \xff", "\udcff"),
    ],
)
def test_status_ok(line, text):
    """The text after +OK, in any case, with any space, no octet lost."""
    assert pop3.status(line, b"STAT") == text


@pytest.mark.parametrize(
    ("line", "text", "code", "transient"),
    [
        (b"-ERR", "refused", "", False),
        (b"-ERR no such message", "no such message", "", False),
        (b"-err no", "no", "", False),
        (b"-ERR [IN-USE] locked", "[IN-USE] locked", "IN-USE", True),
        (b"-ERR [sys/temp] later", "[sys/temp] later", "SYS/TEMP", True),
        (b"-ERR [SYS/PERM] never", "[SYS/PERM] never", "SYS/PERM", False),
        (b"-ERR [LOGIN-DELAY] wait", "[LOGIN-DELAY] wait", "LOGIN-DELAY", True),
        (b"-ERR [AUTH]", "[AUTH]", "AUTH", False),
        (b"-ERR [] x", "[] x", "", False),
        (b"-ERR x [AUTH]", "x [AUTH]", "", False),
    ],
)
def test_status_err(line, text, code, transient):
    """-ERR raises with the server's text and its response code, RFC 2449 section 8."""
    with pytest.raises(Pop3Error) as caught:
        pop3.status(line, b"RETR")

    error = caught.value
    assert error.text == text
    assert error.code == code
    assert error.transient == transient
    assert error.command == "RETR"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"OK",
        b"+OKAY",
        b"-ERROR",
        b"+ OK",
        b" +OK",
        b"* OK",
        b"250 OK",
        b"+",
        b"\0+OK",
        b"\xff",
    ],
)
def test_status_neither(line):
    """What is neither +OK nor -ERR broke the grammar."""
    with pytest.raises(ProtocolError, match="no status line"):
        pop3.status(line, b"NOOP")


@pytest.mark.parametrize(
    ("text", "count", "size"),
    [
        ("2 320", 2, 320),
        ("0 0", 0, 0),
        ("  2   320", 2, 320),
        ("2\t320", 2, 320),
        ("2 320 octets", 2, 320),
        ("3 -1731", 3, 0),
        ("1 9999999999", 1, 9999999999),
    ],
)
def test_stat(text, count, size):
    """Count and octets; several spaces and text after them are ignored, a negative size is 0."""
    assert pop3.stat(text) == {"count": count, "size": size}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "two 320",
        "-2 320",
        "2 many",
        "2 320k",
        "2320",
        "2,320",
        "\udcff 1",
        "1 " + "9" * 30,
    ],
)
def test_stat_unreadable(text):
    """Anything but two numbers is an error."""
    with pytest.raises(ProtocolError, match="STAT"):
        pop3.stat(text)


@pytest.mark.parametrize(
    ("line", "uid", "size"),
    [
        (b"1 120", 1, 120),
        (b"  1   120  ", 1, 120),
        (b"1 120 octets", 1, 120),
        (b"01 0120", 1, 120),
        (b"1 -5", 1, 0),
    ],
)
def test_listing(line, uid, size):
    """A message's number and size."""
    assert pop3.scan_listing(line) == {"uid": uid, "size": size}


@pytest.mark.parametrize(
    "line", [b"", b"1", b"0 120", b"x 120", b"-1 120", b"1 x", b"1.5 2", b"\xff"]
)
def test_listing_unreadable(line):
    """Rubbish raises and is never a number; messages count from 1."""
    with pytest.raises(ProtocolError, match="LIST"):
        pop3.scan_listing(line)


@pytest.mark.parametrize(
    ("line", "uid", "unique"),
    [
        (b"1 whqtswO00WBw418f9t5JxYwZ", 1, "whqtswO00WBw418f9t5JxYwZ"),
        (b"2   QhdPYR:00WBw1Ph7x7", 2, "QhdPYR:00WBw1Ph7x7"),
        (b" 3\tabc  ", 3, "abc"),
        (b"4 " + b"x" * 300, 4, "x" * 300),
        (b"5 <a@b>", 5, "<a@b>"),
    ],
    ids=["rfc", "spaces", "around", "long", "signs"],
)
def test_unique_id(line, uid, unique):
    """A message's number and its id; several spaces and long ids are accepted."""
    assert pop3.unique_id(line) == {"uid": uid, "id": unique}


@pytest.mark.parametrize(
    ("line", "tag", "description"),
    [
        (b"en English", "en", "English"),
        (b"en-boont English Boontling dialect", "en-boont", "English Boontling dialect"),
        ("es Español".encode(), "es", "Español"),
        (b"de", "de", ""),
        (b"de \t Deutsch ", "de", "Deutsch"),
        (b"de \xff", "de", "\udcff"),
    ],
)
def test_language(line, tag, description):
    """A language listing is a tag, and what the language is called."""
    assert pop3.language(line) == {"tag": tag, "description": description}


@pytest.mark.parametrize("line", [b"", b" de", b"-de", b"de_AT Deutsch", b"\xff", b"a" * 256])
def test_language_unreadable(line):
    """A line without a language tag is an error, not a language."""
    with pytest.raises(ProtocolError):
        pop3.language(line)


@pytest.mark.parametrize("tag", ["de", "pt-BR", "*", "x-klingon", "zh-Hant-CN-x-private1-private2"])
def test_language_range(tag):
    """A language range is written as it is."""
    assert pop3.language_range(tag) == tag.encode()


@pytest.mark.parametrize(
    "tag", ["", "de_AT", "de-", "deutschland", "de\r\nDELE 1", "**", "1de", "dé", None, 1, ["de"]]
)
def test_language_range_refused(tag):
    """What is no language range is refused, a line end among it."""
    with pytest.raises(UsageError, match="pt-BR"):
        pop3.language_range(tag)


@pytest.mark.parametrize(
    "line", [b"", b"1", b"1 ", b"0 abc", b"x abc", b"1 a b", b"1 \xe9", b"1 " + b"x" * 600]
)
def test_unique_id_unreadable(line):
    """An id that may be another message's is none."""
    with pytest.raises(ProtocolError, match="UIDL"):
        pop3.unique_id(line)


def test_capabilities():
    """Names in upper case to arguments; empty lines and what is not ASCII do no harm."""
    lines = [b"TOP", b"sasl PLAIN  LOGIN", b"", b"EXPIRE 60 USER", b"X-\xff y", b"TOP"]

    assert pop3.capabilities(lines) == {
        "TOP": (),
        "SASL": ("PLAIN", "LOGIN"),
        "EXPIRE": ("60", "USER"),
        "X-\udcff": ("y",),
    }


@pytest.mark.parametrize(
    ("greeting", "stamp"),
    [
        (b"+OK ready <1896.697170952@dbc.mtview>", b"<1896.697170952@dbc.mtview>"),
        (b"+OK <1@h> hello", b"<1@h>"),
        (b"+OK ready", b""),
        (b"+OK <ready>", b""),
        (b"+OK a < b@c", b""),
        (b"+OK <a b@c>", b""),
        (b"+OK <<a@b>>", b"<a@b>"),
    ],
)  # fmt: skip
def test_timestamp(greeting, stamp):
    """APOP's timestamp is a message-id; a remark in angle brackets is none."""
    assert pop3.timestamp(greeting) == stamp


READS = {
    "status": lambda line: pop3.status(line, b"X"),
    "stat": lambda line: pop3.stat(decode(line)),
    "listing": pop3.scan_listing,
    "unique_id": pop3.unique_id,
    "language": pop3.language,
    "capabilities": lambda line: pop3.capabilities([line]),
    "timestamp": pop3.timestamp,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@given(st.binary(max_size=80) | st.from_regex(rb"[+\-]?[0-9OKER ]+[0-9 x]*", fullmatch=True))
def test_rubbish_raises_only_what_is_documented(read, line):
    """No line makes a grammar function raise anything but netmail's errors."""
    try:
        value = read(line)
    except NetmailError:
        return

    assert value is not None


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("piece", [b"1 ", b" ", b"9", b"<a@", b"[", b"+OK ", b"-ERR [A"])
def test_long_lines_take_no_time(read, piece):
    """No pattern tracks back over a line of a megabyte."""
    line = piece * (1_000_000 // len(piece))
    try:
        value = read(line)
    except NetmailError:
        return

    assert value is not None


@given(st.integers(1, 10**18), st.integers(0, 10**18), st.sampled_from([b" ", b"\t", b"   "]))
def test_listing_round_trip(uid, size, space):
    """What a server writes is what is read."""
    assert pop3.scan_listing(b"%d%s%d" % (uid, space, size)) == {"uid": uid, "size": size}
