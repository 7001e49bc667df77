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
def test_defective_multiparts(body, expected):
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
    """A message in plain text is read as one, whatever its label."""
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


def test_boundary_with_a_space_is_guessed():
    """Spaces are permitted in a boundary; a sentence after hyphens is none."""
    divided = parse(b"Content-Type: multipart/mixed\n\n--=A b\n\none\n--=A b\n\ntwo\n--=A b--\n")
    text = parse(b"Content-Type: multipart/mixed\n\n--Some words here\n\none\n")

    assert [part.text for part in divided.root.children] == ["one", "two"]
    assert text.root.children == []
