"""Mailboxes on disk."""

import pytest

from netmail import MessageLimits, parse_maildir, parse_mbox
from support.timing import cpu_limit

FROM = b"From a@b.example Mon Jan  1 10:00:00 2024\n"


def message(subject, body=b"text\n"):
    return b"Subject: " + subject + b"\n\n" + body


def read(tmp_path, data):
    path = tmp_path / "box"
    path.write_bytes(data)
    return list(parse_mbox(path))


def test_messages_are_divided(tmp_path):
    """One after the other, without the lines between them."""
    mails = read(tmp_path, FROM + message(b"1") + b"\n" + FROM + message(b"2"))

    assert [(mail.subject, mail.text) for mail in mails] == [("1", "text\n"), ("2", "text\n")]


def test_raw_octets_are_those_of_the_message(tmp_path):
    """Neither the From line nor the empty line after the message is part of it."""
    mails = read(tmp_path, FROM + message(b"1") + b"\n" + FROM + message(b"2") + b"\n")

    assert [mail.raw for mail in mails] == [message(b"1"), message(b"2")]


def test_mboxo_quoting_is_undone(tmp_path):
    """The mark before a quoted From line goes."""
    (mail,) = read(tmp_path, FROM + message(b"1", b">From me\n"))

    assert mail.text == "From me\n"


def test_mboxrd_quoting_is_undone(tmp_path):
    """One mark goes, the others stay."""
    (mail,) = read(tmp_path, FROM + message(b"1", b">>From me\n"))

    assert mail.text == ">From me\n"


def test_mboxcl2_length_is_believed(tmp_path):
    """A body with a From line in it is whole where its length says so."""
    body = b"x\n" + FROM + b"Subject: no\n\ny\n"
    first = b"Subject: 1\nContent-Length: %d\n\n" % len(body) + body
    mails = read(tmp_path, FROM + first + b"\n" + FROM + message(b"2"))

    assert [mail.subject for mail in mails] == ["1", "2"]
    assert mails[0].raw == first


@pytest.mark.parametrize("length", [b"3", b"9999999", b"x"])
def test_wrong_length_is_ignored(tmp_path, length):
    """A length that leads nowhere divides nothing."""
    first = b"Subject: 1\nContent-Length: " + length + b"\n\ntext\n"
    mails = read(tmp_path, FROM + first + b"\n" + FROM + message(b"2"))

    assert [mail.subject for mail in mails] == ["1", "2"]


def test_text_that_begins_with_from_divides_nothing(tmp_path):
    """Without a date and a header after it the line is text."""
    (mail,) = read(tmp_path, FROM + message(b"1", b"From here on 10:00 all is well\n"))

    assert mail.text == "From here on 10:00 all is well\n"


@pytest.mark.parametrize(
    "line",
    [
        b"From - \n",
        b"From -\n",
        b"From \n",
        b"From a@b.example\n",
        b"From MAILER-DAEMON\n",
        b"From ???@???\n",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_from_line_without_a_date_divides_after_an_empty_line(tmp_path, line, end):
    """Thunderbird and others write no date."""
    data = line + message(b"1") + b"\n" + line + message(b"2")
    mails = read(tmp_path, data.replace(b"\r\n", b"\n").replace(b"\n", end))

    assert [(mail.subject, mail.text) for mail in mails] == [("1", "text\n"), ("2", "text\n")]


@pytest.mark.parametrize(
    "text",
    [
        b"x\nFrom \nA: b\n",
        b"x\nFrom - \nSubject: b\n",
        b"x\nFrom a@b.example\nSubject: b\n",
        b"\nFrom - \nno field\n",
        b"\nFrom here\nNote: text\n",
        b"\nFrom here on\nSubject: text\n",
    ],
    ids=["bare", "dash", "address", "no field", "one word", "words"],
)
def test_from_line_without_a_date_is_text_elsewhere(tmp_path, text):
    """Without an empty line before it, or a header after it, it may be anybody's sentence."""
    (mail,) = read(tmp_path, FROM + message(b"1", text))

    assert mail.text == text.decode()


def test_length_that_leads_to_a_line_without_a_date(tmp_path):
    """A Content-Length is evidence as good as an empty line."""
    first = b"Subject: 1\nContent-Length: 5\n\ntext\n"
    mails = read(tmp_path, b"From - \n" + first + b"From - \n" + message(b"2"))

    assert [mail.raw for mail in mails] == [first, message(b"2")]


def test_damaged_message_costs_itself_only(tmp_path):
    """Reading continues at the next message, also without an empty line before it."""
    mails = read(tmp_path, FROM + b"\0\xff garbage" + b"\n" + FROM + message(b"2"))

    assert mails[-1].subject == "2"


def test_crlf_and_a_garbage_start(tmp_path):
    """CRLF line ends."""
    data = (FROM + message(b"1") + b"\n" + FROM + message(b"2")).replace(b"\n", b"\r\n")

    assert [mail.subject for mail in read(tmp_path, data)] == ["1", "2"]


def test_single_message_without_from_line(tmp_path):
    """A file that holds one message only."""
    assert [mail.subject for mail in read(tmp_path, message(b"1"))] == ["1"]


def test_empty_box(tmp_path):
    """A file of no octets holds nothing."""
    assert read(tmp_path, b"") == []


def test_missing_box(tmp_path):
    """What is not there raises."""
    with pytest.raises(FileNotFoundError):
        list(parse_mbox(tmp_path / "no"))


def test_maildir(tmp_path):
    """Messages of "cur", then those of "new", by name."""
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "cur" / "2:2,S").write_bytes(message(b"b"))
    (tmp_path / "cur" / "1:2,S").write_bytes(message(b"a"))
    (tmp_path / "new" / "0").write_bytes(message(b"c"))
    (tmp_path / "new" / ".hidden").write_bytes(message(b"d"))

    assert [mail.subject for mail in parse_maildir(tmp_path)] == ["a", "b", "c"]


def test_message_beyond_a_limit_is_given_as_far_as_it_was_read(tmp_path):
    """A message that is too large does not cost those after it."""
    path = tmp_path / "box"
    path.write_bytes(FROM + message(b"1", b"x" * 500) + b"\n" + FROM + message(b"2"))
    mails = list(parse_mbox(path, limits=MessageLimits(size=100)))

    assert [(mail.subject, len(mail.raw)) for mail in mails] == [("1", 100), ("2", 17)]


def test_maildir_without_folders_is_empty(tmp_path):
    """A folder that is no maildir holds nothing."""
    assert list(parse_maildir(tmp_path)) == []


def test_message_at_the_end_without_line_end(tmp_path):
    """The last message is whole."""
    (mail,) = read(tmp_path, FROM + b"Subject: 1\nContent-Length: 4\n\ntext")

    assert (mail.text, mail.raw[-4:]) == ("text", b"text")


def test_what_stands_before_the_first_from_line_is_kept(tmp_path):
    """A message whose own "From " line is broken is not lost."""
    mails = read(tmp_path, b"Frm a@b\n" + message(b"1") + b"\n" + FROM + message(b"2"))

    assert [mail.subject for mail in mails] == ["1", "2"]


def test_blank_lines_before_the_first_from_line_are_no_message(tmp_path):
    """Only octets that say something are."""
    assert [mail.subject for mail in read(tmp_path, b"\n\r\n" + FROM + message(b"1"))] == ["1"]


ENTRY = FROM + b"A: b\nContent-Length: %07d\n\nx\n"


@pytest.mark.parametrize(
    "data",
    [
        (FROM + b"A: b\n") * 20_000,
        b"".join(ENTRY % (2 + n * len(ENTRY % 0)) for n in reversed(range(20_000)))
        + b"\n" * 2_000_000,
    ],
    ids=["no blank lines", "lengths into line ends"],
)
def test_hostile_boxes_take_time_in_proportion(tmp_path, data):
    """No message makes the rest of the file be looked at again."""
    with cpu_limit(5):
        mails = read(tmp_path, data)

    assert len(mails) == 20_000
