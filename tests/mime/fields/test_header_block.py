"""Header blocks: cut off a message, however defective, and cut into fields."""

import pytest

from netmail import parse

HEAD = "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"


TWO = HEAD + "--b\n\none\n--b\n\ntwo\n--b--\n"


def leaves(raw):
    mail = parse(raw if isinstance(raw, bytes) else raw.encode())
    return [part.text for part in mail.walk() if not part.node.children]


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
def test_defective_line_harms_no_field_after_it(before):
    """Whatever is before them, the fields after it are read."""
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
def test_defective_headers(raw, subject, text):
    """Spaces before the colon, no body, no header, NUL, doubled fields, no empty line."""
    mail = parse(raw.encode())

    assert (mail.subject, mail.text) == (subject, text)


@pytest.mark.parametrize("line", ["From : a@b.example", "From  \t: a@b.example"])
def test_space_before_the_colon_of_a_first_from_field(line):
    """It is a field, and no line of an mbox."""
    mail = parse(f"{line}\nSubject: s\n\nbody")

    assert [item.address for item in mail.from_] == ["a@b.example"]


def test_nul_in_a_name_is_dropped_everywhere():
    """The names that a header lists are those of its items, whatever the octets beside them."""
    headers = parse(b"Su\0bject: x\r\nFrom: a@b.test\r\n\r\n").headers

    assert [name for name, _ in headers.items()] == headers.keys() == ["Subject", "From"]


def test_form_feed_does_not_end_a_header_line():
    """gh-117313: only LF ends a line."""
    mail = parse("Subject: a\x0cBcc: x\x0b\x1c\x85b\u2028\n\n".encode())

    assert list(mail.headers) == ["Subject"]
