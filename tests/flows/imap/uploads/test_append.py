"""APPEND: what is sent of a message, and what comes back."""

import io
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from itertools import islice

import pytest

import netmail
from netmail.errors import CapabilityError, ImapError, MessageError, UsageError
from netmail.flows.flow import Send
from netmail.flows.imap.uploads.append import append
from netmail.results.imap import AppendResult
from support.imap_sessions import logged_in, run
from support.replay import replay

NAIVE = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)
MESSAGE = b"Subject: x\r\n\r\ny\r\n"


def appending(message=MESSAGE, flags=(), date=None, folder="INBOX"):
    """Append a message."""
    return lambda imap: append(imap, folder, message, flags, date)


def email_message():
    """The standard library's message, which writes bare LF."""
    made = EmailMessage()
    made["Subject"] = "x"
    made.set_payload("y\n")
    return made


@pytest.mark.parametrize(
    "make",
    [
        lambda: MESSAGE,
        lambda: bytearray(MESSAGE),
        lambda: memoryview(MESSAGE),
        lambda: io.BytesIO(MESSAGE),
        lambda: b"Subject: x\n\ny\n",
        lambda: b"Subject: x\r\ry\r",
        email_message,
    ],
    ids=["bytes", "bytearray", "memoryview", "file", "bare LF", "bare CR", "EmailMessage"],
)
def test_messages(make):
    """Every kind of message goes out as the same octets."""
    transcript = (
        'C: T1 APPEND "INBOX" {17}\nS: +\nC! Subject: x\\r\\n\\r\\ny\\r\\n\\r\\n\nS: T1 OK done'
    )
    imap = logged_in()

    assert (
        replay(append(imap, "INBOX", make(), (), None), imap.reader, transcript) == AppendResult()
    )


@pytest.mark.parametrize(
    ("flags", "date", "sent"),
    [
        ("\\Seen", None, "(\\Seen) "),
        (["\\Seen", "work"], None, "(\\Seen work) "),
        ("", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC), '"03-Feb-2024 04:05:06 +0000" '),
        (
            "\\Draft",
            datetime(999, 12, 31, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            '(\\Draft) "31-Dec-0999 00:00:00 -0330" ',
        ),
        (
            (),
            datetime(2024, 1, 1, tzinfo=timezone(timedelta(minutes=53, seconds=28))),
            '"01-Jan-2024 00:00:00 +0053" ',
        ),
    ],
)
def test_flags_and_date(flags, date, sent):
    """Flags and internal date as RFC 9051 writes them."""
    transcript = f'C: T1 APPEND "INBOX" {sent}{{17}}\nS: +\nC! {{body}}\\r\\n\nS: T1 OK done'
    body = MESSAGE.decode().encode("unicode_escape").decode()

    run(appending(MESSAGE, flags, date), transcript.replace("{body}", body))


def test_message_is_never_taken_for_commands():
    """A server that refuses the flags has not got the message, which it might run as commands.

    Dovecot 2.3.19 with LITERAL+ responds to the lines of such a message, one by one.
    """
    transcript = r"""
        C: T1 APPEND "INBOX" (\Foo) {17}
        S: T1 BAD Error in IMAP command APPEND: Invalid system flag \FOO
    """

    with pytest.raises(ImapError, match="Invalid system flag"):
        run(appending(MESSAGE, r"\Foo"), transcript, capabilities="IMAP4rev1 LITERAL+")


def test_appenduid():
    """APPENDUID names the message's UID."""
    transcript = 'C: T1 APPEND "x" {1}\nS: +\nC: a\nS: T1 OK [APPENDUID 38505 3955] done'

    assert run(appending(b"a", folder="x"), transcript) == AppendResult(38505, 3955)


@pytest.mark.parametrize(
    "code",
    ["APPENDUID", "APPENDUID 1", "APPENDUID 1 2:3", "APPENDUID x y", "APPENDUID 1 " + "9" * 5000],
)
def test_strange_appenduid(code):
    """What is no UID is none; the message is there all the same."""
    transcript = f'C: T1 APPEND "x" {{1}}\nS: +\nC: a\nS: T1 OK [{code}] done'

    appended = run(appending(b"a", folder="x"), transcript)
    assert appended == AppendResult()
    assert appended


def test_trycreate():
    """A mailbox that is not there is in the error's code."""
    with pytest.raises(ImapError) as caught:
        run(
            appending(b"a", folder="x"),
            'C: T1 APPEND "x" {1}\nS: +\nC: a\nS: T1 NO [TRYCREATE] no such mailbox',
        )
    assert caught.value.code == "TRYCREATE"


def test_large_message():
    """A large literal is sent as it is, without a copy that joins it to its command."""
    body = b"x" * 100_000
    imap = logged_in("LITERAL+")
    flow = append(imap, "INBOX", body, (), None)
    next(flow)
    head = next(flow)
    next(flow)
    imap.reader.feed(b"+ go on\r\n")
    sent = [next(flow), next(flow)]

    assert head == Send(b'T1 APPEND "INBOX" {100000}\r\n')
    assert [send.data for send in sent] == [body, b"\r\n"]
    assert sent[0].data is body
    flow.close()


@pytest.mark.parametrize(
    "message",
    [b"", "text", None, 5, b"a\0b", io.StringIO("text"), object()],
    ids=["empty", "str", "None", "int", "NUL", "text file", "object"],
)
def test_no_message(message):
    """What is no message is refused before anything is sent."""
    with pytest.raises(UsageError):
        run(appending(message), "")


@pytest.mark.parametrize("date", [NAIVE, "yesterday", 0], ids=["naive", "str", "int"])
def test_no_date(date):
    """A date without a zone could be any of forty hours."""
    with pytest.raises(UsageError, match="datetime"):
        run(appending(date=date), "")


def test_mail_that_was_read():
    """A `Mail` goes back as it came."""
    mail = netmail.parse(b"Subject: x\r\n\r\nbody")

    assert run(
        appending(mail),
        'C: T1 APPEND "INBOX" {18}\nS: +\nC: Subject: x\nC:\nC: body\nS: T1 OK',
    )


def test_buffered_file(tmp_path):
    """An open file is read from its position."""
    path = tmp_path / "message.eml"
    path.write_bytes(b"abc")
    imap = logged_in("")
    with path.open("rb") as file:
        flow = append(imap, "INBOX", file, (), None)

        assert replay(flow, imap.reader, 'C: T1 APPEND "INBOX" {3}\nS: +\nC: abc\nS: T1 OK')


def test_path_in_pieces(tmp_path):
    """A large file is sent piece by piece, with CRLF line ends, and each is reported."""
    path = tmp_path / "large.eml"
    path.write_bytes(b"Subject: x\n\n" + b"0123456789abcde\n" * 10_000)
    expected = path.read_bytes().replace(b"\n", b"\r\n")
    imap, seen = logged_in(""), []
    flow = append(imap, "INBOX", path, (), None, progress=lambda *numbers: seen.append(numbers))
    next(flow)
    head = next(flow)
    next(flow)
    imap.reader.feed(b"+ go on\r\n")
    sent = []
    while isinstance(request := next(flow), Send):
        sent.append(request.data)
    flow.close()

    assert head == Send(b'T1 APPEND "INBOX" {%d}\r\n' % len(expected))
    assert b"".join(sent) == expected + b"\r\n"
    assert max(map(len, sent)) < 100_000
    assert [numbers[0] for numbers in seen] == [
        sum(map(len, sent[: n + 1])) for n in range(len(sent) - 1)
    ]
    assert {numbers[1] for numbers in seen} == {len(expected)}


def test_progress_of_a_small_message():
    """What is sent with its command is reported when the server has it."""
    seen = []
    run(
        lambda imap: append(
            imap, "x", b"abc", (), None, progress=lambda *numbers: seen.append(numbers)
        ),
        'C: T1 APPEND "x" {3}\nS: +\nC: abc\nS: T1 OK',
    )

    assert seen == [(3, 3)] * 2  # whole, and octet by octet


def test_file_that_changes(tmp_path):
    """A file that shrinks while it is sent leaves the server waiting: an error, and no response."""
    path = tmp_path / "large.eml"
    path.write_bytes(b"x" * 200_000)
    imap = logged_in("")
    flow = append(imap, "INBOX", path, (), None)
    next(flow)
    next(flow)
    next(flow)
    path.write_bytes(b"x" * 100_000)
    imap.reader.feed(b"+ go on\r\n")
    with pytest.raises(MessageError, match="changed"):
        list(islice(flow, 10))


NUL = b"Subject: x\r\n\r\na\0b\n"
LABELLED = b"Subject: x\r\nContent-Transfer-Encoding:\r\n BINARY\r\n\r\nab\n"


@pytest.mark.parametrize("message", [NUL, LABELLED], ids=["NUL", "label"])
def test_binary(message):
    """What holds NUL, or bare line ends in binary content, goes as it is in a literal8."""
    escaped = message.decode().encode("unicode_escape").decode().replace("\\x00", "\\0")
    transcript = f'C: T1 APPEND "x" ~{{{len(message)}}}\nS: +\nC! {escaped}\\r\\n\nS: T1 OK done'

    run(
        appending(message, folder="x"),
        transcript,
        capabilities="IMAP4rev1 BINARY LITERAL+",
    )


@pytest.mark.parametrize("message", [NUL, LABELLED], ids=["NUL", "label"])
def test_binary_without_the_extension(message):
    """Without BINARY nothing is sent, and nothing is changed."""
    with pytest.raises(CapabilityError, match="BINARY") as caught:
        run(appending(message), "")
    assert caught.value.capability == "BINARY"


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 BINARY"])
def test_binary_in_name_only(capabilities):
    """A message that says that it is binary, and has nothing that only BINARY carries."""
    message = LABELLED[:-1] + b"\r\n"
    head, body = message.decode().split("\r\n\r\n")
    lines = "\n".join(f"C: {line}" for line in [*head.split("\r\n"), "", body[:-2], ""])

    transcript = f'C: T1 APPEND "INBOX" {{{len(message)}}}\nS: +\n{lines}\nS: T1 OK'
    run(appending(message), transcript, capabilities=capabilities)


def test_not_labelled_in_the_body():
    """Only the header of the whole message counts."""
    message = b"Subject: x\r\n\r\nContent-Transfer-Encoding: binary\r\n"
    transcript = f"""
        C: T1 APPEND "INBOX" {{{len(message)}}}
        S: +
        C: Subject: x
        C:
        C: Content-Transfer-Encoding: binary
        C:
        S: T1 OK
    """

    run(appending(message), transcript, capabilities="IMAP4rev1 BINARY")


@pytest.mark.parametrize("limit", [2, 3])
def test_appendlimit(limit):
    """A message that is larger than the server takes is not sent; one that just fits is."""
    if limit < 3:
        with pytest.raises(UsageError, match="3 octets, and the server takes 2"):
            run(appending(b"abc"), "", capabilities="IMAP4rev1 APPENDLIMIT=2")
        return

    transcript = 'C: T1 APPEND "INBOX" {3}\nS: +\nC: abc\nS: T1 OK'
    assert run(appending(b"abc"), transcript, capabilities="IMAP4rev1 APPENDLIMIT=3")


def test_wrong_progress():
    """What cannot be called is refused before anything is sent."""
    with pytest.raises(UsageError, match="progress"):
        run(lambda imap: append(imap, "x", b"a", (), None, progress=5), "")
