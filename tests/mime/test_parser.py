"""`parse()`: every container, the exact octets, and Blade's `Mail` and `Attachment`."""

import io
import json
import mmap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from netmail import Address, Attachment, Headers, Mail, MessageLimits, parse
from netmail.errors import LimitError, MessageError, UsageError

MESSAGE = b"""From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>
To: a@b.example, "Doe, Jane" <jane@b.example>
Cc: Team: x@y.example, Bob <bob@y.example>;
Subject: =?utf-8?b?SMOkbGzDtg==?= world
Date: Mon, 20 Nov 2023 10:00:00 +0100
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

preamble
--x
Content-Type: multipart/alternative; boundary=xy

--xy

hello
--xy
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>h=C3=A4llo</p>
--xy--
--x
Content-Type: image/png; name="a.png"
Content-Disposition: attachment; filename*=utf-8''%C3%A4.png
Content-ID: <one@example.org>
Content-Transfer-Encoding: base64

SGVsbG8=
--x
Content-Type: message/rfc822

Subject: inner

inner body
--x--
"""


@pytest.fixture(name="mail")
def _mail():
    return parse(MESSAGE)


def _containers(folder):
    path = folder / "a message"
    path.write_bytes(MESSAGE)
    yield MESSAGE
    yield MESSAGE.decode()
    yield bytearray(MESSAGE)
    yield memoryview(MESSAGE)
    yield path
    yield str(path)
    yield io.BytesIO(MESSAGE)
    yield io.StringIO(MESSAGE.decode())
    with path.open("rb") as file:
        yield file
        yield mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def test_every_container_gives_the_same_message(tmp_path):
    """bytes, text, arrays, views, paths, files and maps are all read."""
    expected = parse(MESSAGE).to_dict()
    for source in _containers(tmp_path):
        mail = parse(source)

        assert expected == mail.to_dict()
        assert mail.raw == MESSAGE


def test_empty_file_is_an_empty_message(tmp_path):
    """A file of no octets cannot be mapped and is still read."""
    path = tmp_path / "empty"
    path.touch()

    assert parse(path).text == ""


def test_text_that_names_no_file_is_a_message():
    """A str without a colon that is no path is the body of a message without header."""
    assert parse("just text").text == "just text"


def test_other_things_are_refused():
    """What is no container of octets raises, and says what was given."""
    with pytest.raises(UsageError, match="not int"):
        parse(3)


def test_subject_is_decoded(mail):
    """Encoded words and plain text make one subject."""
    assert mail.subject == "Hällö world"


def test_from_has_a_decoded_name(mail):
    """The display name is decoded, the address is as written."""
    assert mail.from_ == [Address("Jürgen", "j@example.org")]


def test_quoted_comma_does_not_divide(mail):
    """A comma inside quotes belongs to the name."""
    assert mail.to == [Address("", "a@b.example"), Address("Doe, Jane", "jane@b.example")]


def test_groups_are_flattened_in_cc(mail):
    """`cc` lists the members of groups."""
    assert mail.cc == [Address("", "x@y.example"), Address("Bob", "bob@y.example")]


def test_groups_are_reachable(mail):
    """`groups()` keeps the group and its name."""
    (group,) = mail.groups("cc")

    assert (group.name, len(group.mailboxes)) == ("Team", 2)


def test_date_is_aware(mail):
    """The offset is kept."""
    assert mail.date == datetime(2023, 11, 20, 9, tzinfo=UTC)
    assert mail.date.utcoffset() == timedelta(hours=1)


def test_message_id_keeps_its_brackets(mail):
    """A message id is given as References holds it."""
    assert mail.message_id == "<1@example.org>"


def test_missing_fields_have_empty_values():
    """A message without header has values of the same types."""
    mail = parse(b"\nbody\n")
    values = (mail.subject, mail.from_, mail.to, mail.date, mail.message_id, mail.references)

    assert values == ("", [], [], None, None, [])


def test_body_is_a_dictionary_by_media_type(mail):
    """Blade's `body`."""
    assert mail.body == {"text/plain": "hello", "text/html": "<p>hällo</p>"}


def test_text_and_html(mail):
    """The two texts have names of their own."""
    assert (mail.text, mail.html) == ("hello", "<p>hällo</p>")


def test_attachment_is_described(mail):
    """File name, type and content id of an attachment."""
    first = mail.attachments[0]
    values = (first.filename, first.content_type, first.content_id, first.content)

    assert values == ("ä.png", "image/png", "one@example.org", b"Hello")


def test_nested_message_is_a_mail(mail):
    """message/rfc822 is an attachment and a message."""
    assert mail.attachments[1].message.subject == "inner"


def test_headers_ignore_case(mail):
    """Any spelling of a name finds the field, and its value is decoded."""
    assert mail.headers["SUBJECT"] == "Hällö world"


def test_headers_keep_their_order(mail):
    """Names come as written, in order."""
    assert list(mail.headers)[:3] == ["From", "To", "Cc"]


def test_get_all_lists_repeated_fields():
    """Each field of a name is kept."""
    headers = parse(b"X: 1\nY: 2\nx: 3\n\n").headers

    assert headers.get_all("x") == ["1", "3"]


def test_sections_are_imap_part_numbers(mail):
    """RFC 9051 section 6.4.5.1."""
    assert [part.section for part in mail.walk()] == ["TEXT", "1", "1.1", "1.2", "2", "3", "3.1"]


def test_raw_octets_of_a_part(mail):
    """`raw` and `raw_headers` are exact."""
    part = mail.find("2")

    assert part.raw.startswith(b"Content-Type: image/png")
    assert part.raw.endswith(b"\n\nSGVsbG8=")
    assert part.raw_headers + part.raw_body == part.raw


def test_mail_is_made_of_dictionaries():
    """Blade's constructor: headers, body, attachments."""
    attachment = Attachment({"Content-Type": "text/plain; name=a.txt"}, "hi")
    mail = Mail(
        {"Subject": "Hello", "From": "Ann <a@b.example>"}, {"text/plain": "x"}, [attachment]
    )

    assert (mail.subject, mail.from_[0].name, mail.text) == ("Hello", "Ann", "x")
    assert mail.attachments[0].filename == "a.txt"
    assert (mail.raw, mail.defects, list(mail.walk())) == (b"", [], [])


def test_mail_prints_readably(mail):
    """The printed mail shows addresses, subject, text and attachments."""
    shown = str(mail)

    for piece in ("Jürgen <j@example.org>", "Subject: Hällö world", "hello", "[ä.png (image/png)]"):
        assert piece in shown


def test_mail_goes_to_json(mail):
    """JSON holds headers, body and attachments with their content."""
    value = json.loads(mail.to_json())

    assert value["headers"]["Subject"] == "Hällö world"
    assert value["attachments"][0]["content"] == "SGVsbG8="


def test_headers_are_equal_by_their_fields():
    """Two headers with the same fields are equal; repeats become a list."""
    headers = Headers([("A", "1"), ("a", "2")])

    assert headers == Headers({"A": "1", "a": "2"})
    assert headers.to_dict() == {"A": ["1", "2"]}


def test_save_writes_the_content(tmp_path, mail):
    """The file has the sender's name and the decoded content."""
    path = mail.attachments[0].save(tmp_path / "new")

    assert (path.name, path.read_bytes()) == ("ä.png", b"Hello")


def test_save_never_overwrites(tmp_path, mail):
    """A second save gets a number."""
    names = [mail.attachments[0].save(tmp_path).name for _ in range(3)]

    assert names == ["ä.png", "ä-1.png", "ä-2.png"]


def test_save_does_not_follow_a_link(tmp_path):
    """A symlink of that name is not written through."""
    target = tmp_path / "target"
    (tmp_path / "a.txt").symlink_to(target)
    path = Attachment({"Content-Type": "text/plain; name=a.txt"}, b"x").save(tmp_path)

    assert path.name == "a-1.txt"
    assert not target.exists()


def test_open_streams_the_content(mail):
    """An attachment reads like a file."""
    with mail.attachments[0].open() as file:
        assert (file.read(2), file.read()) == (b"He", b"llo")


def test_strict_raises_at_the_first_defect():
    """The error names the defect."""
    with pytest.raises(MessageError, match="without a colon"):
        parse(b"Subject: x\njunk\nTo: a@b.example\n\nbody\n", strict=True)


def test_strict_reads_a_clean_message():
    """A message without defects passes."""
    assert parse(MESSAGE, strict=True).subject == "Hällö world"


@pytest.mark.parametrize(
    "limits",
    [
        MessageLimits(size=100),
        MessageLimits(parts=2),
        MessageLimits(header_octets=50),
        MessageLimits(total_headers=400),
        MessageLimits(header_fields=3),
    ],
    ids=lambda limits: repr(limits)[:40],
)
def test_limit_error_carries_what_was_read(limits):
    """Beyond a limit of count or size an error is raised; the beginning is readable."""
    with pytest.raises(LimitError) as caught:
        parse(MESSAGE, limits=limits)

    assert isinstance(caught.value.mail, Mail)


def test_mapped_files_have_a_limit_of_their_own(tmp_path):
    """A file may be larger than what is held in memory."""
    path = tmp_path / "m"
    path.write_bytes(MESSAGE)

    assert parse(Path(path), limits=MessageLimits(size=10)).subject == "Hällö world"


def test_to_email_message(mail):
    """The standard library's message has the same subject."""
    assert mail.to_email_message()["subject"] == "Hällö world"
