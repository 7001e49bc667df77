"""Multiparts (RFC 2046 section 5.1) and headers, whole and broken."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail import DefectKind, MessageLimits, parse

HEAD = "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"
TWO = HEAD + "--b\n\none\n--b\n\ntwo\n--b--\n"


def leaves(raw):
    mail = parse(raw if isinstance(raw, bytes) else raw.encode())
    return [part.text for part in mail.walk() if not part.node.children]


def kinds(raw):
    return {defect.kind for defect in parse(raw.encode()).defects}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends(ending):
    """LF, CRLF and CR alone."""
    assert leaves(TWO.replace("\n", ending)) == ["one", "two"]


def test_mixed_line_ends():
    """LF and CRLF in one message."""
    assert leaves(TWO.replace("b\n", "b\r\n")) == ["one", "two"]


def test_lines_that_end_in_two_returns():
    """CR CR LF, which broken gateways write."""
    assert leaves(TWO.replace("\n", "\r\r\n"))[0].strip() == "one"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("--b\n\none\n--b\n\ntwo\n", ["one", "two\n"]),
        ("--b\n\none\n--b--\n\nepilogue\n", ["one"]),
        ("preamble\n--b\n\none\n--b--\n", ["one"]),
        ("--b  \n\none\n--b-- \n", ["one"]),
        ("--b\none\n--b--\n", ["one"]),
        ("--b\nContent-Type: text/plain\n--b\n\ntwo\n--b--\n", ["", "two"]),
        ("--b\n--b\n\ntwo\n--b--\n", ["", "two"]),
        ("--b\n\none\n--b junk\n\ntwo\n--b--junk\n", ["one", "two"]),
        ("--b\n\none\n--bc\n--b--\n", ["one\n--bc"]),
        ("--b\n\none --b\n--b--\n", ["one --b"]),
        ("--b\n\none\n--b--", ["one"]),
        ("--b\n\n--b--\n", [""]),
        ("--b", [""]),
        ("--b\n\none\n--b--\n--b\n\nlate\n--b--\n", ["one"]),
        ("--b\n\n--\n-- \n---b\n--b--\n", ["--\n-- \n---b"]),
    ],
)
def test_multipart_damage(body, expected):
    """Boundaries missing, doubled, with junk, without empty lines."""
    assert leaves(HEAD + body) == expected


NESTED = "--b\nContent-Type: multipart/alternative; boundary={}\n\n"


@pytest.mark.parametrize("inner", ["bb", "b2", "c", "bx--", "b"])
def test_boundaries_that_begin_alike(inner):
    """The longest boundary that fits is meant; one used twice is the inner one's first."""
    body = (
        NESTED.format(inner)
        + f"--{inner}\n\none\n--{inner}\n\ntwo\n--{inner}--\n--b\n\nthree\n--b--\n"
    )

    assert leaves(HEAD + body) == ["one", "two", "three"]


def test_inner_multipart_not_closed():
    """The outer boundary ends everything inside."""
    body = NESTED.format("c") + "--c\n\none\n--b\n\ntwo\n--b--\n"

    assert leaves(HEAD + body) == ["one", "two"]
    assert DefectKind.NOT_CLOSED in kinds(HEAD + body)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/mixed",
        "multipart/mixed; boundary=wrong",
        "multipart/mixed; boundary=",
        "multipart",
    ],
)
def test_boundary_is_guessed(content_type):
    """A multipart without its boundary is divided by the line it begins with."""
    raw = f"Content-Type: {content_type}\n\npre\n--=_real\n\none\n--=_real\n\ntwo\n--=_real--\n"

    assert leaves(raw) == ["one", "two"]
    assert DefectKind.BOUNDARY_GUESSED in kinds(raw)


def test_boundary_in_the_header():
    """A multipart without the empty line before its first part."""
    raw = "Subject: s\nContent-Type: multipart/mixed; boundary=b\nA preamble.\n--b\n\none\n--b--\n"

    assert leaves(raw) == ["one"]
    assert DefectKind.NO_EMPTY_LINE in kinds(raw)


def test_multipart_that_nothing_divides_is_text():
    """Its body is shown rather than lost."""
    mail = parse("Content-Type: multipart/mixed; boundary=b\n\njust text\n")

    assert mail.text == "just text\n"
    assert mail.defects[0].kind == DefectKind.BOUNDARY_NOT_FOUND


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/mixed; boundary="a b"',
        'multipart/mixed boundary="a b"',
        'multipart/mixed;; boundary="a b";',
        'multipart/mixed; (comment) boundary="a b" (c)',
        'multipart/mixed; boundary="a b',
        'MULTIPART/MIXED; BOUNDARY="a b"',
        'multipart/mixed; charset=x; boundary = "a b"',
        'multipart/mixed;\n boundary*0="a ";\n boundary*1="b"',
        "multipart/mixed; boundary*=us-ascii''a%20b",
        'multipart/mixed (why; not) ; boundary="a b"',
        'multipart/mixed; type="text/html; x"; boundary="a b"',
    ],
)
def test_content_type_damage(content_type):
    """The boundary is found in whatever shape."""
    raw = f"Content-Type: {content_type}\n\n--a b\n\none\n--a b\n\ntwo\n--a b--\n"

    assert leaves(raw) == ["one", "two"]


@pytest.mark.parametrize(
    "before",
    [
        "junk line\n",
        "Sub ject : x\n",
        "\ufeff",
        "From sender Mon Jan  1 00:00:00 2024\n",
        ">From sender Mon Jan  1 00:00:00 2024\n",
        "X-Bad\0Name: 1\n",
        ": no name\n",
        "\n\n",
        " ",
        "X: 1\njunk\n continued\n",
        "X: 1\n>From sender\n",
        "X: 1\nFrom sender\n",
        "Fro m : x\n",
        "X: 1\r2\n",
        "=?\n",
    ],
)
def test_header_damage_loses_nothing_after_it(before):
    """Whatever comes first, the fields after it are read."""
    mail = parse((before + TWO).encode())

    assert mail.subject == "s"
    assert len(leaves(before + TWO)) == 2


@pytest.mark.parametrize(
    ("raw", "subject", "text"),
    [
        ("Subject : s\n\nbody", "s", "body"),
        ("Subject\t: s\n\nbody", "s", "body"),
        ("Subject:s\n\nbody", "s", "body"),
        ("Subject:\n s\n\nbody", "s", "body"),
        ("Subject: s\nSubject: t\n\nbody", "s", "body"),
        ("Subject: s\n", "s", ""),
        ("Subject: s", "s", ""),
        ("Subject: s\n\n", "s", ""),
        ("Subject: a\0b\n\nbody", "ab", "body"),
        ("Subject: s\nno colon here\nnor here\n\nmore", "s", "no colon here\nnor here\n\nmore"),
        ("no header at all", "", "no header at all"),
        ("\nSubject: s", "s", ""),
        ("", "", ""),
        ("Subject: s\n \n t\n\nbody", "s  t", "body"),
    ],
)
def test_header_damage(raw, subject, text):
    """Spaces before the colon, no body, no header, NUL, doubled fields, no empty line."""
    mail = parse(raw.encode())

    assert (mail.subject, mail.text) == (subject, text)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("\ufeffSubject: s\n\n", DefectKind.BYTE_ORDER_MARK),
        ("From x\nSubject: s\n\n", DefectKind.MBOX_FROM_LINE),
        ("A: 1\njunk\nB: 2\n\n", DefectKind.JUNK_HEADER_LINE),
        ("A b: 1\nB: 2\n\n", DefectKind.BAD_HEADER_NAME),
        ("A : 1\n\n", DefectKind.SPACE_BEFORE_COLON),
        ("A: 1\0\n\n", DefectKind.NUL_IN_HEADER),
        ("A: 1\r2\n\n", DefectKind.BARE_CR_IN_HEADER),
        ("A: 1\ntext\n\n", DefectKind.NO_EMPTY_LINE),
        ("From: a@b.example\nFrom: c@d.example\n\n", DefectKind.DUPLICATE_HEADER),
        ("A: 1\r\rtext", DefectKind.BARE_CR_LINES),
        ("Content-Type: multipart/mixed\n\n--b\n\nx", DefectKind.NO_BOUNDARY),
        ("Content-Type: multipart/mixed; boundary=b\n\n--b junk\n\nx", DefectKind.BOUNDARY_JUNK),
        ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx", DefectKind.NOT_CLOSED),
        (HEAD + "--b\n\nx\n--b--\n--b\n\ny", DefectKind.PART_AFTER_CLOSE),
        ("Content-Type: ???\n\n", DefectKind.BAD_CONTENT_TYPE),
        ("Content-Type: text/plain; a=1; a=2\n\n", DefectKind.DUPLICATE_PARAMETER),
        ("From: a@b@c\n\n", DefectKind.BAD_ADDRESS),
        ("Date: yesterday\n\n", DefectKind.BAD_DATE),
        (
            "Content-Transfer-Encoding: base64\n" + HEAD + "--b\n\nx\n--b--\n",
            DefectKind.ENCODED_MULTIPART,
        ),
    ],
)
def test_each_damage_is_a_defect(raw, kind):
    """What was worked around is reported."""
    assert kind in kinds(raw)


def test_a_clean_message_has_no_defects():
    """A message by the book."""
    assert kinds(TWO) == set()


def test_defects_say_where_they_are():
    """Part and offset of a defect."""
    raw = HEAD + "--b\n\none\n--b\nContent-Transfer-Encoding: what\n\ntwo\n--b--\n"
    (defect,) = parse(raw.encode()).defects

    assert (defect.kind, defect.part, defect.offset) == (
        DefectKind.UNKNOWN_ENCODING,
        "2",
        raw.index("Content-Transfer"),
    )


INNER = "Subject: inner\n\ninner text\n"


def test_message_as_attachment():
    """message/rfc822 is an attachment, its text is not the message's."""
    mail = parse(HEAD + "--b\n\nouter\n--b\nContent-Type: message/rfc822\n\n" + INNER + "--b--\n")

    assert mail.text == "outer"
    assert mail.attachments[0].message.text == "inner text"


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_encoded_message(encoding):
    """A message hidden by base64 or quoted-printable is opened."""
    data = base64.encodebytes(INNER.encode()).decode() if encoding == "base64" else INNER
    head = f"Content-Type: message/rfc822\nContent-Transfer-Encoding: {encoding}\n\n"
    mail = parse(head + data)

    assert mail.attachments[0].message.subject == "inner"


def test_message_that_only_claims_to_be_base64():
    """A message that is there plainly is read plainly."""
    mail = parse("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + INNER)

    assert mail.attachments[0].message.subject == "inner"


def test_encoded_messages_have_a_limit_of_nesting():
    """Each level is a copy, so the levels are counted."""
    raw = INNER.encode()
    for _ in range(5):
        head = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        raw = head + base64.encodebytes(raw)
    depth = 0
    mail = parse(raw)
    while mail is not None and mail.attachments:
        mail, depth = mail.attachments[0].message, depth + 1

    assert depth == MessageLimits().nested_encoded + 1


def test_parts_of_a_digest_are_messages():
    """multipart/digest: message/rfc822 by default."""
    raw = "Content-Type: multipart/digest; boundary=b\n\n--b\n\n" + INNER + "\n--b--\n"

    assert [each.message.subject for each in parse(raw).attachments] == ["inner"]


@pytest.mark.parametrize(
    ("fields", "inline", "attached"),
    [
        ("Content-Type: application/pdf", "", 1),
        ("Content-Type: text/plain; name=a.txt", "", 1),
        ("Content-Type: text/plain\nContent-Disposition: attachment", "", 1),
        ("Content-Type: text/plain", "x", 0),
        ("Content-Type: image/png\nContent-ID: <a>", "", 1),
        ("Content-Type: text/calendar", "", 1),
        ("Content-Type: message/delivery-status", "", 1),
    ],
)
def test_what_is_an_attachment(fields, inline, attached):
    """RFC 8621 section 4.1.4 for the second part of a mixed one."""
    mail = parse(HEAD + f"--b\n\nfirst\n--b\n{fields}\n\nx\n--b--\n")

    assert (mail.text, len(mail.attachments)) == (
        "first" + ("\n" if inline else "") + inline,
        attached,
    )


def test_text_of_a_related_part_is_its_root():
    """Only the root named by "start" is text."""
    raw = (
        'Content-Type: multipart/related; boundary=b; start="<r>"\n\n'
        "--b\nContent-Type: text/html\nContent-ID: <x>\n\nother\n"
        "--b\nContent-Type: text/html\nContent-ID: <r>\n\nroot\n--b--\n"
    )
    mail = parse(raw)

    assert (mail.html, [each.content for each in mail.attachments]) == ("root", [b"other"])


@given(
    st.lists(
        st.sampled_from(
            [
                "--b",
                "--b--",
                "--c",
                "",
                "x: y",
                "Content-Type: multipart/mixed; boundary=c",
                "Content-Type: message/rfc822",
                " t",
                "text",
            ]
        ),
        max_size=30,
    )
)
def test_parts_lie_inside_their_parents(lines):
    """Whatever the lines, parts are in order, inside their parents, and do not overlap."""
    mail = parse((HEAD + "\n".join(lines)).encode())
    for part in mail.walk():
        node = part.node
        assert node.start <= node.body <= node.end
        place = node.body
        for child in node.children:
            assert place <= child.start
            assert child.end <= node.end
            place = child.end


@given(st.binary(max_size=400))
def test_anything_is_read(data):
    """No octets raise, and the raw octets are theirs."""
    mail = parse(HEAD.encode() + data)
    mail.to_json()

    assert mail.raw == HEAD.encode() + data


@pytest.mark.parametrize("line", ["From : a@b.example", "From  \t: a@b.example"])
def test_blank_before_the_colon_of_a_first_from_field(line):
    """It is a field, and no line of an mbox."""
    mail = parse(f"{line}\nSubject: s\n\nbody")

    assert [item.address for item in mail.from_] == ["a@b.example"]


def test_nul_in_a_name_is_dropped_everywhere():
    """The names that a header lists are those of its items, whatever the octets beside them."""
    headers = parse(b"Su\0bject: x\r\nFrom: a@b.test\r\n\r\n").headers

    assert [name for name, _ in headers.items()] == headers.keys() == ["Subject", "From"]
