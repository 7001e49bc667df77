"""SMTP's grammar: replies, EHLO keywords, commands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import ProtocolError
from netmail.limits import ServerLimits
from netmail.results.smtp import AddressVerification, SmtpReply
from netmail.wire import smtp
from netmail.wire.reader import Reader


def taken(data: bytes, limits: ServerLimits | None = None) -> SmtpReply | None:
    """Read one reply out of octets that have arrived."""
    reader = Reader(limits)
    reader.feed(data)
    return smtp.ReplyParser(reader).take()


REPLIES = {
    "one line": (b"250 Ok\r\n", SmtpReply(250, "", "Ok")),
    "no text": (b"250\r\n", SmtpReply(250, "", "")),
    "space and no text": (b"250 \r\n", SmtpReply(250, "", "")),
    "line feed alone": (b"250 Ok\n", SmtpReply(250, "", "Ok")),
    "enhanced": (b"550 5.1.1 nobody\r\n", SmtpReply(550, "5.1.1", "nobody")),
    "enhanced alone": (b"250 2.0.0\r\n", SmtpReply(250, "2.0.0", "")),
    "enhanced of three digits": (b"450 4.123.456 x\r\n", SmtpReply(450, "4.123.456", "x")),
    "another class is text": (b"250 5.1.1 x\r\n", SmtpReply(250, "", "5.1.1 x")),
    "a version is text": (b"250 2.0 server\r\n", SmtpReply(250, "", "2.0 server")),
    "several lines": (b"250-a\r\n250-b\r\n250 c\r\n", SmtpReply(250, "", "a\nb\nc")),
    "several lines, last bare": (b"250-a\r\n250\r\n", SmtpReply(250, "", "a\n")),
    "enhanced in each line": (
        b"550-5.7.1 go\r\n550 5.7.1 away\r\n",
        SmtpReply(550, "5.7.1", "go\naway"),
    ),
    "enhanced in the first line": (
        b"550-5.7.1 go\r\n550 away\r\n",
        SmtpReply(550, "5.7.1", "go\naway"),
    ),
    "UTF-8": ("250 grüß\r\n".encode(), SmtpReply(250, "", "grüß")),
    "no UTF-8": (b"250 gr\xfc\xdf\r\n", SmtpReply(250, "", "gr\\xfc\\xdf")),
    "control characters": (b"250 a\x1b[31m\x00b\tc\r\n", SmtpReply(250, "", "a\\x1b[31m\\x00b\tc")),
    "a middle digit above 5": (b"571 no\r\n", SmtpReply(571, "", "no")),
    "challenge": (b"334 UGFzc3dvcmQ6\r\n", SmtpReply(334, "", "UGFzc3dvcmQ6")),
}


@pytest.mark.parametrize(("data", "expected"), REPLIES.values(), ids=REPLIES)
def test_reply(data, expected):
    """A reply's code, enhanced code and text."""
    assert expected == taken(data)


BROKEN = {
    "empty": b"\r\n",
    "text": b"hello\r\n",
    "no code": b"25\r\n",
    "code too low": b"150 x\r\n",
    "code too high": b"600 x\r\n",
    "letters in the code": b"25O x\r\n",
    "no space": b"250Ok\r\n",
    "tab": b"250\tOk\r\n",
    "four digits": b"2500 x\r\n",
    "signs": b"+25 x\r\n",
    "Arabic digits": "٢٥٠ x\r\n".encode(),
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\n",
    "code changes": b"250-a\r\n251 b\r\n",
    "code changes in the middle": b"250-a\r\n550-b\r\n250 c\r\n",
    "no code in the last": b"250-a\r\nb\r\n",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_no_reply(data):
    """What is no reply is refused."""
    with pytest.raises(ProtocolError):
        taken(data)


@pytest.mark.parametrize("data", [b"", b"2", b"250", b"250 Ok", b"250-a\r\n", b"250-a\r\n250"])
def test_cut_reply_is_awaited(data):
    """A reply that is not whole is no reply yet."""
    assert taken(data) is None


def test_replies_come_one_by_one():
    """The replies to a group of commands are separated."""
    reader = Reader()
    reader.feed(b"250-a\r\n250 b\r\n550 c\r\n250 d\r\n")
    replies = smtp.ReplyParser(reader)

    assert [reply.code for reply in iter(replies.take, None)] == [250, 550, 250]


def test_too_many_lines():
    """A reply has at most `limits.lines` lines."""
    with pytest.raises(ProtocolError, match="more than 5 lines"):
        taken(b"250-x\r\n" * 6, ServerLimits(lines=5))


def test_too_many_octets():
    """A reply has at most `limits.line` octets in all its lines."""
    with pytest.raises(ProtocolError, match="more than 100 octets"):
        taken(b"250-" + b"x" * 40 + b"\r\n250-" + b"x" * 60 + b"\r\n", ServerLimits(line=100))


def test_few_replies_are_remembered():
    """What is remembered of a server's replies has an end."""
    reader = Reader()
    replies = smtp.ReplyParser(reader)
    for number in range(1000):
        reader.feed(b"250 queued as %d\r\n" % number)
        replies.take()

    assert len(replies._known) == smtp.KNOWN


PRINTABLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=30)


@given(
    st.integers(200, 599),
    st.lists(PRINTABLE, min_size=1, max_size=5),
    st.integers(1, 7),
)
def test_reply_round_trip(code, texts, size):
    """What was written as a reply is read as it, however it is cut."""
    lines = [f"{code}-{text}\r\n".encode() for text in texts[:-1]]
    data = b"".join([*lines, f"{code} {texts[-1]}\r\n".encode()])
    reader = Reader()
    replies = smtp.ReplyParser(reader)
    found = []
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
        found += filter(None, [replies.take()])
    lines = [found[0].enhanced, *found[0].text.split("\n")]

    assert len(found) == 1
    assert code == found[0].code
    assert found[0].enhanced or texts == lines[1:]


def parsers(first, data, size):
    """Two parsers that have read the same replies, and received as much of the next ones."""
    for _ in range(2):
        reader = Reader()
        replies = smtp.ReplyParser(reader)
        reader.feed(first)
        while replies.take() is not None:
            pass
        reader.feed(data[:size])
        yield reader, replies


LINES = [b"250 Ok", b"250 2.1.5 Ok", b"354 go", b"550 no", b"250-more", b"250 new", b"250 a\nb"]


@given(
    st.lists(st.sampled_from(LINES[:4])),
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from([b"\r\n", b"\r\n", b"\n"]))),
    st.integers(0, 3),
    st.sampled_from([354, None]),
    st.integers(0, 100),
)
def test_run_of_known_replies(known, lines, positive, last, size):
    """A run is taken whole or not at all, and has the replies that are taken one by one."""
    first = b"".join(line + b"\r\n" for line in known)
    (reader, replies), (other, one_by_one) = parsers(first, b"".join(map(b"".join, lines)), size)
    before = reader.available
    run = replies.take_run(positive, last)
    if run is None:
        assert reader.available == before
        return

    assert run == [one_by_one.take() for _ in range(positive)]
    assert all(reply.positive for reply in run)
    assert last is None or one_by_one.take().code == last
    assert reader.available == other.available


USUAL_PIECES = st.sampled_from(
    [
        "250",
        "2.0.0",
        "2.1.5 ",
        "554 5.7.1",
        " ",
        "-",
        "Ok: queued as 4F",
        "\\",
        "\t",
        "\x7f",
        "ü",
        "\n",
    ]
)


@given(st.lists(USUAL_PIECES, max_size=6).map(lambda pieces: "".join(["250 2.0.0 ", *pieces])))
def test_usual_reply(text):
    """The quick pattern returns what the thorough reader does, or nothing."""
    line = text.encode()

    assert smtp.usual_reply(line) in {None, smtp.reply((line,))}


def test_reply_with_a_queue_entry():
    """The reply that differs with every message has the usual form."""
    reply = smtp.usual_reply(b"250 2.0.0 Ok: queued as 4F1D2ABC ")

    assert reply == SmtpReply(250, "2.0.0", "Ok: queued as 4F1D2ABC")


def test_run_that_was_read_before():
    """The replies to one group are those to the next."""
    reader = Reader()
    replies = smtp.ReplyParser(reader)
    group = b"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go\r\n"
    reader.feed(group + group + b"250")
    first = replies.take_run(2, 354)
    for _ in range(3):
        replies.take()
    second = replies.take_run(2, 354)

    assert first is None
    assert [reply.enhanced for reply in second] == ["2.1.0", "2.1.5"]
    assert reader.peek() == b"250"


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_awaited(data):
    """Whatever arrives, a reply comes out or a documented error."""
    reader = Reader()
    reader.feed(data)
    replies = smtp.ReplyParser(reader)
    try:
        for reply in iter(replies.take, None):
            assert 200 <= reply.code <= 599
    except ProtocolError:
        pass


# -- EHLO --------------------------------------------------------------------------------------

KEYWORDS = {
    "usual": (
        [b"250-mx.example.org", b"250-PIPELINING", b"250-SIZE 1000", b"250 AUTH PLAIN LOGIN"],
        {"PIPELINING": (), "SIZE": ("1000",), "AUTH": ("PLAIN", "LOGIN")},
    ),
    "lower case": ([b"250-me", b"250 pipelining"], {"PIPELINING": ()}),
    "old AUTH": (
        [b"250-me", b"250-AUTH PLAIN", b"250 AUTH=PLAIN LOGIN"],
        {"AUTH": ("PLAIN", "LOGIN")},
    ),
    "name only": ([b"250 me"], {}),
    "name that is a keyword": ([b"250 SIZE"], {}),
    "lines that are none": ([b"250-me", b"250-", b"250-*", b"250 DSN"], {"DSN": ()}),
    "refused": ([b"502 what"], {}),
    "refused in several lines": ([b"250-me", b"502 what"], {}),
    "not offered": ([], {}),
}


@pytest.mark.parametrize(("lines", "expected"), KEYWORDS.values(), ids=KEYWORDS)
def test_heard_extensions(lines, expected):
    """EHLO's keywords, with their parameters."""
    assert expected == smtp.handshake_extensions(lines)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (("1000",), 1000),
        (("0",), None),
        ((), None),
        (("x",), None),
        (("9" * 40,), None),
        (("²",), None),
    ],
)
def test_size_limit(parameters, expected):
    """SIZE's number, where it is one."""
    assert expected == smtp.size_limit({"SIZE": parameters})


def test_no_size_no_limit():
    """Without SIZE there is no limit."""
    assert smtp.size_limit({}) is None


# -- commands ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "eight_bit", "utf8", "expected"),
    [
        (None, False, False, b"MAIL FROM:<a@b>\r\n"),
        (7, False, False, b"MAIL FROM:<a@b> SIZE=7\r\n"),
        (7, True, False, b"MAIL FROM:<a@b> SIZE=7 BODY=8BITMIME\r\n"),
        (7, True, True, b"MAIL FROM:<a@b> SIZE=7 BODY=8BITMIME SMTPUTF8\r\n"),
        (None, False, True, b"MAIL FROM:<a@b> SMTPUTF8\r\n"),
    ],
)
def test_mail(size, eight_bit, utf8, expected):
    """MAIL announces what it must and nothing else."""
    parameters = smtp.mail_parameters(size=size, eight_bit=eight_bit, utf8=utf8)

    assert expected == smtp.mail(b"<a@b>", parameters)


def test_rcpt():
    """RCPT."""
    assert smtp.rcpt(b"<a@b>") == b"RCPT TO:<a@b>\r\n"


# -- values ------------------------------------------------------------------------------------


def test_reply_prints_as_it_came():
    """A reply prints on one line with its codes."""
    assert str(SmtpReply(550, "5.1.1", "nobody")) == "550 5.1.1 nobody"


@pytest.mark.parametrize(
    ("code", "positive", "transient"), [(250, True, False), (450, False, True), (550, False, False)]
)
def test_reply_kind(code, positive, transient):
    """2yz is positive, 4yz transient."""
    reply = SmtpReply(code, "", "")

    assert positive == reply.positive
    assert transient == reply.transient


@pytest.mark.parametrize(
    ("code", "truth", "unknown", "word"),
    [
        (250, True, False, "good"),
        (251, True, False, "good"),
        (252, True, True, "unknown"),
        (550, False, False, "not good"),
    ],
)
def test_verification(code, truth, unknown, word):
    """A verification is true, unknown or false, and says so."""
    verification = AddressVerification(code, "", "x")

    assert truth == bool(verification)
    assert unknown == verification.unknown
    assert f"{word}: {code} x" == str(verification)
