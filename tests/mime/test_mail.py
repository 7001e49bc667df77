"""The views of a `Mail`: the tree, the flat view by RFC 8621, attachments by themselves."""

import json

import pytest

from netmail import Attachment, Headers, Mail, parse


def part(kind, body="", *fields):
    return "\n".join([f"Content-Type: {kind}", *fields, "", body])


def multi(subtype, *parts, boundary="b"):
    inner = "".join(f"--{boundary}\n{each}\n" for each in parts)
    return part(f"multipart/{subtype}; boundary={boundary}", f"{inner}--{boundary}--\n")


def views(raw):
    mail = parse(raw)
    return mail.text, mail.html, [each.text for each in mail.attachments]


PLAIN, HTML = part("text/plain", "plain"), part("text/html", "html")
IMAGE = part("image/png", "image", "Content-ID: <i>")
FILE = part("application/pdf", "file")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (PLAIN, ("plain", "", [])),
        (HTML, ("", "html", [])),
        (FILE, ("", "", ["file"])),
        (IMAGE, ("", "", ["image"])),
        (multi("alternative", PLAIN, HTML), ("plain", "html", [])),
        (multi("mixed", PLAIN, FILE), ("plain", "", ["file"])),
        (multi("mixed", PLAIN, IMAGE, PLAIN), ("plain\nplain", "", ["image"])),
        (multi("mixed", PLAIN, HTML), ("plain", "html", [])),
        (multi("related", HTML, IMAGE), ("", "html", ["image"])),
        (multi("related", HTML, PLAIN), ("", "html", ["plain"])),
        (
            multi("alternative", PLAIN, multi("related", HTML, IMAGE, boundary="c")),
            ("plain", "html", ["image"]),
        ),
        (
            multi("mixed", multi("alternative", PLAIN, HTML, boundary="c"), FILE),
            ("plain", "html", ["file"]),
        ),
        (
            multi("alternative", PLAIN, multi("mixed", HTML, FILE, HTML, boundary="c")),
            ("plain", "html\nhtml", ["file"]),
        ),
        (
            multi("alternative", multi("mixed", PLAIN, IMAGE, PLAIN, boundary="c"), HTML),
            ("plain\nplain", "html", ["image"]),
        ),
        (multi("alternative", HTML), ("", "html", [])),
        (multi("alternative", PLAIN, FILE), ("plain", "", ["file"])),
        (
            multi("mixed", part("text/plain", "a", "Content-Disposition: attachment"), PLAIN),
            ("plain", "", ["a"]),
        ),
        (multi("mixed", FILE, PLAIN), ("plain", "", ["file"])),
        (multi("x-unknown", PLAIN, FILE), ("plain", "", ["file"])),
        (multi("mixed"), ("", "", [])),
    ],
)
def test_flat_view(raw, expected):
    """RFC 8621 section 4.1.4; images shown in the text are attachments too."""
    assert views(raw) == expected


def test_invitation_is_a_form_of_the_text():
    """A calendar in an alternative is in `body`, and an attachment."""
    mail = parse(multi("alternative", PLAIN, part("text/calendar; method=REQUEST", "BEGIN")))

    assert mail.body == {"text/plain": "plain", "text/calendar": "BEGIN"}
    assert [each.content_type for each in mail.attachments] == ["text/calendar"]


def test_inline_attachments():
    """Those with a Content-ID, and those that say so."""
    said = part("image/gif", "g", "Content-Disposition: inline")
    mail = parse(multi("mixed", PLAIN, IMAGE, FILE, said))

    assert [each.content_type for each in mail.inline] == ["image/png", "image/gif"]


@pytest.mark.parametrize(
    ("wanted", "section"),
    [
        ("image/png", "2"),
        ("image/", "2"),
        ("IMAGE/*", "2"),
        ("<i>", "2"),
        ("3", "3"),
        (lambda each: each.content == b"file", "3"),
    ],
)
def test_find(wanted, section):
    """By type, half a type, Content-ID, section, or a function."""
    assert parse(multi("mixed", PLAIN, IMAGE, FILE)).find(wanted).section == section


def test_find_nothing():
    """The default is returned."""
    assert parse(PLAIN).find("image/png") is None


def test_tree():
    """Parents and children know each other; each part is one object."""
    mail = parse(multi("mixed", PLAIN, FILE))
    first = mail.root.children[0]

    assert (first.parent, mail.root.parent) == (mail.root, None)
    assert mail.root.is_multipart is True
    assert first.is_multipart is False
    assert first.is_message is False


def test_parts_print_readably():
    """Section, type, name and size."""
    mail = parse(multi("mixed", part("text/plain; name=a.txt", "x")))

    assert repr(mail.root.children[0]) == "<Part 1 text/plain 'a.txt' 1 octets>"
    assert (
        repr(parse("From: Ann <a@b.example>\nSubject: s\n\n"))
        == "<Mail 's' from Ann <a@b.example>>"
    )


def test_sections_of_nested_messages():
    """RFC 9051 section 6.4.5.1: the parts of a message in part 2 are 2.1 and 2.2."""
    inner = part("message/rfc822", multi("mixed", PLAIN, FILE, boundary="c"))
    single = part("message/rfc822", part("message/rfc822", "Subject: x\n\ny"))
    mail = parse(multi("mixed", PLAIN, inner, single))

    assert [each.section for each in mail.walk()] == [
        *("TEXT", "1", "2", "2.TEXT", "2.1", "2.2"),
        *("3", "3.1", "3.1.1"),
    ]


def test_raw_of_a_nested_message():
    """A nested mail has its own exact octets, header and views."""
    nested = (
        parse(multi("mixed", PLAIN, part("message/rfc822", "Subject: x\n\ny"))).find("2").message
    )

    assert (nested.raw, nested.raw_headers, nested.text) == (
        b"Subject: x\n\ny",
        b"Subject: x\n\n",
        "y",
    )
    assert [each.section for each in nested.walk()] == ["2.1"]


def test_content_id_and_description():
    """Brackets off, words decoded."""
    found = parse("Content-ID: <a@b>\nContent-Description: =?utf-8?q?=C3=A4?=\n\n").root

    assert (found.content_id, found.description) == ("a@b", "ä")


def test_attachments_compare_print_and_serialise():
    """By headers and content."""
    one = Attachment(
        {"Content-Type": "text/plain; name=a.txt; charset=latin-1"}, "ä".encode("latin-1")
    )
    two = Attachment(Headers(one.headers), one.content)

    assert one == two
    assert one != "text"
    assert (str(one), repr(one)) == ("a.txt (text/plain)", "Attachment('a.txt', 'text/plain')")
    assert json.loads(one.to_json())["content"] == "5A=="
    assert (one.text, one.message, b"".join(one.chunks())) == ("ä", None, b"\xe4")


def test_nameless_attachment_is_named_by_its_type(tmp_path):
    """The ending tells what it is."""
    attachment = Attachment({"Content-Type": "image/png"}, b"x")

    assert (str(attachment), attachment.save(tmp_path).name) == (
        "attachment.png (image/png)",
        "attachment.png",
    )


def test_failed_save_leaves_no_file(tmp_path):
    """Half a file would look like a whole one."""
    attachment = Attachment({"Content-Type": "text/plain; name=a"}, b"x")
    attachment.chunks = lambda: iter([b"x", "no octets"])
    with pytest.raises(TypeError):
        attachment.save(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_headers_are_a_mapping():
    """`in`, `len`, `get`, `keys`, `values`, iteration and KeyError."""
    headers = parse("A: 1\nB: =?utf-8?q?=C3=A4?=\na: 2\n\n").headers

    assert "b" in headers
    assert "c" not in headers
    assert 3 not in headers
    assert len(headers) == 3
    assert bool(headers)
    assert (headers.keys(), headers.values()) == (["A", "B", "a"], ["1", "ä", "2"])
    assert (headers.get("c"), headers.get("c", "x"), headers.raw("b")) == (
        None,
        "x",
        b" =?utf-8?q?=C3=A4?=",
    )
    assert dict(headers)["a"] == "1"
    with pytest.raises(KeyError):
        headers["c"]


def test_headers_print_readably():
    """One line a field."""
    headers = Headers({"A": "1", "B": ["2", "3"]})

    assert str(headers) == "A: 1\nB: 2\nB: 3"
    assert repr(headers) == "Headers([('A', '1'), ('B', '2'), ('B', '3')])"
    assert headers != 3
    assert headers.raw_all("b") == [b"2", b"3"]
    assert headers.raw("c") is None


def test_values_are_the_same_one_by_one_and_all_at_once():
    """Both ways of reading a header agree, long or short, folded or damaged."""
    block = "A : 1\nB: =?utf-8?q?a?=\n =?utf-8?q?b?=\nFrom: =?utf-8?q?x?= <a@b.example>\n"
    block += "C:\t2\r\n\t3\r\nD: \0x\ry\n"
    for filler in ("", "X: " + "y" * 500 + "\n", "Y: ä\n"):
        raw = (block + filler).encode()
        whole = dict(parse(raw).headers.items())

        assert whole == {name: parse(raw).headers[name] for name in whole}


def test_empty_made_mail():
    """A mail of nothing has empty views."""
    mail = Mail()

    assert (mail.text, mail.html, mail.attachments, mail.root, mail.report) == (
        "",
        "",
        [],
        None,
        None,
    )
    assert mail.signed is None
    assert mail.is_encrypted is False
    assert mail.raw_headers == b""
    assert mail.text_unwrapped() == ""
