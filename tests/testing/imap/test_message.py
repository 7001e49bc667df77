"""Sections of a message by IMAP, octet for octet, and what SEARCH finds in it."""

import pytest

PART = b"Content-Type: text/html\r\n\r\n<p>"
INNER = (
    b"Subject: inner\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
    b"--c\r\n\r\none\r\n--c\r\n" + PART + b"\r\n--c--\r\n"
)
ATTACHED = b"Content-Type: message/rfc822\r\n\r\n" + INNER
LEAF = b"Content-Transfer-Encoding: base64\r\n\r\nZ3LDvG4="
HEAD = b"Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nFrom: a@b.test\r\n folded\r\n"
MESSAGE = (
    HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    + LEAF
    + b"\r\n--b\r\n"
    + ATTACHED
    + b"\r\n--b--\r\n"
)
SECTIONS = {
    "": MESSAGE,
    "TEXT": MESSAGE.partition(b"\r\n\r\n")[2],
    "HEADER": MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "HEADER.FIELDS (FROM X)": b"From: a@b.test\r\n folded\r\n\r\n",
    "HEADER.FIELDS.NOT (FROM CONTENT-TYPE)": HEAD.partition(b"From")[0] + b"\r\n",
    "1": b"Z3LDvG4=",
    "1.MIME": b"Content-Transfer-Encoding: base64\r\n\r\n",
    "2": INNER,
    "2.HEADER": INNER.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "2.TEXT": INNER.partition(b"\r\n\r\n")[2],
    "2.1": b"one",
    "2.2": b"<p>",
    "2.2.MIME": b"Content-Type: text/html\r\n\r\n",
    "2.3": b"",
    "3": b"",
    "1.1": b"",
    "1.HEADER": b"",
}


@pytest.fixture
def imap(server, login):
    """A client with one message in the selected INBOX."""
    server.deliver(MESSAGE)
    client = login(server, "imap")
    client.select()
    return client


@pytest.mark.parametrize("section", SECTIONS)
def test_sections(imap, section):
    """The line end before a boundary is not the part's."""
    (_, octets), *_ = imap.fetch("1", f"(BODY.PEEK[{section}])")[1]

    assert octets == SECTIONS[section]


def test_partial_and_binary(imap):
    """Part of a section, and a section with its transfer encoding undone."""
    (_, some), *_ = imap.fetch("1", "(BODY.PEEK[1]<2.3>)")[1]
    (_, decoded), *_ = imap.fetch("1", "(BINARY.PEEK[1])")[1]

    assert (some, decoded) == (b"LDv", "grün".encode())


def test_size(imap):
    """RFC822.SIZE is the message's; BINARY.SIZE a decoded part's."""
    (sizes,) = imap.fetch("1", "(RFC822.SIZE BINARY.SIZE[1])")[1]

    assert sizes == b"1 (RFC822.SIZE %d BINARY.SIZE[1] 5)" % len(MESSAGE)


@pytest.mark.parametrize("content", [b"Subject: x\r\n", b"Subject: x\r\n\r\n", b"x", b"\r\n", b""])
def test_messages_without_a_body(server, login, content):
    """No octet is lost, wherever the message ends."""
    server.deliver(content)
    client = login(server, "imap")
    client.select()
    (_, octets), *_ = client.fetch("1", "(BODY.PEEK[])")[1]

    assert ([octets], octets) == (server.messages(), content)


@pytest.mark.parametrize(
    ("criterion", "found"),
    [
        ('SUBJECT "grün"', False),
        ('SUBJECT "grüße"', True),
        ('FROM "b.test"', True),
        ('TO "b.test"', False),
        ('HEADER Subject "üß"', True),
        ('TEXT "grün"', True),
        ('BODY "<p>"', True),
        ('BODY "nowhere"', False),
        ("LARGER 100", True),
        ("SENTSINCE 1-Jan-2020", False),
    ],
)
def test_search(imap, criterion, found):
    """SEARCH looks into decoded texts too."""
    key, _, text = criterion.rpartition(" ")
    if not text.isascii():
        imap.literal = text.strip('"').encode()
        criterion = key
    ids = imap.search(None if text.isascii() else "UTF-8", criterion)[1]

    assert ids == [b"1" if found else b""]
