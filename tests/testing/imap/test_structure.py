"""ENVELOPE and BODYSTRUCTURE: known values, and the same as Dovecot's."""

import base64
import imaplib
import re
import ssl
from urllib.parse import urlsplit

import pytest

import netmail
from netmail.testing.imap.structure import NO_ENVELOPE, body_structure, envelope, string

PART = b"--b\r\nContent-Type: %b\r\n%b\r\n%b\r\n"


def multipart(*parts, subtype=b"mixed"):
    """Write a multipart message of parts, each a type, more header lines and a body."""
    head = b'From: a@b.test\r\nContent-Type: multipart/%b; boundary="b"\r\n\r\n' % subtype
    return head + b"".join(PART % part for part in parts) + b"--b--\r\n"


PDF = base64.encodebytes(b"%PDF" * 400).replace(b"\n", b"\r\n")
DESCRIBED = (
    b"Content-Transfer-Encoding: base64\r\nContent-ID: <x@y>\r\nContent-Description: Numbers\r\n"
    b"Content-Disposition: attachment; filename*=utf-8''%C3%BC.pdf\r\n"
)
ATTACHED = multipart(
    (b"text/plain; charset=utf-8", b"Content-Transfer-Encoding: quoted-printable\r\n", b"gr=C3=BC"),
    (
        b'application/pdf; name="a \\"b\\".pdf"',
        DESCRIBED,
        PDF,
    ),
)
INNER = (
    b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nSubject: =?utf-8?q?=C3=BC?=\r\n"
    b'From: "A, B" <a@b.test>\r\nTo: c@d.test, Ed <e@f.test>\r\nMessage-ID: <1@b.test>\r\n'
)
DIVIDED = multipart((b"text/html", b"", b"<p>"), (b"a/b", b"", b"x")).replace(b"--b", b"--c")
DIVIDED = DIVIDED.replace(b'"b"', b'"c"').removeprefix(b"From: a@b.test\r\n")
FORWARDED = multipart(
    (b"text/plain", b"", b"see below\r\n"),
    (b"message/rfc822", b"Content-Disposition: inline\r\n", INNER + b"\r\nline\r\nline\r\n"),
    (b"message/rfc822", b"", INNER + DIVIDED),
)
MESSAGES = {
    "plain": INNER + b"\r\nline\r\nline\r\n",
    "no-charset": b"Content-Type: text/plain; format=flowed\r\n\r\nx\r\n",
    "no-body": INNER,
    "header-and-empty-line": INNER + b"\r\n",
    "attached": ATTACHED,
    "forwarded": FORWARDED,
    "alternative": multipart(
        (b"text/plain", b"", b"x"), (b"text/html", b"", b"<p>\r\n"), subtype=b"alternative"
    ),
    "language": multipart(
        (b"text/plain", b"Content-Language: de, en\r\nContent-Location: /x\r\n", b"")
    ),
    "attached-alone": b"Content-Type: image/png; name=x.png\r\n\r\niVBORw0=\r\n",
}


def structure(content):
    return body_structure(netmail.parse(content).root, extended=True)


def test_attachment():
    """Size, encoding, disposition and names of an attachment, as it is transferred."""
    expected = (
        b'("application" "pdf" ("name" "a \\"b\\".pdf") "<x@y>" "Numbers" "base64" %d NIL '
        b'("attachment" ("filename*" "utf-8\'\'%%C3%%BC.pdf")) NIL NIL)'
    )

    assert expected % len(PDF) in structure(ATTACHED)


def test_body_has_no_extension_data():
    """BODY ends after the size and the lines."""
    root = netmail.parse(MESSAGES["alternative"]).root

    assert body_structure(root, extended=False) == (
        b'(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0)'
        b'("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 5 1)'
        b' "alternative")'
    )


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("", b"NIL"),
        ("a@b.test", b'((NIL NIL "a" "b.test"))'),
        ('"A, B" <a@b.test>', b'(("A, B" NIL "a" "b.test"))'),
        ("=?utf-8?q?=C3=BC?= <a@b.test>", b'(("=?utf-8?q?=C3=BC?=" NIL "a" "b.test"))'),
        ("us: a@b.test;", b'((NIL NIL "us" NIL)(NIL NIL "a" "b.test")(NIL NIL NIL NIL))'),
        ('"x y"@b.test', b'((NIL NIL "x y" "b.test"))'),
        ("root", b'((NIL NIL "root" ""))'),
    ],
)
def test_addresses(field, written):
    """Sender and Reply-To are those of From; encoded words stay encoded."""
    fields = {b"from": field.encode()}

    assert envelope(fields.get) == b"(" + b" ".join(
        [b"NIL", b"NIL", written, written, written, b"NIL", b"NIL", b"NIL", b"NIL", b"NIL)"]
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, b"NIL"),
        (b"", b'""'),
        (b'a"\\', b'"a\\"\\\\"'),
        (b"\xc3\xbc", b"{2}\r\n\xc3\xbc"),
        (b"a\tb", b"{3}\r\na\tb"),
        (b"a\0b", b'"ab"'),
    ],
)
def test_strings(value, written):
    """Quoted where every octet may be quoted."""
    assert string(value) == written


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\0",
        b"Content-Type: multipart/mixed\r\n\r\nx",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: x\r\n\r\n",
        b"Content-Type: text/plain; charset\r\nContent-Disposition: ;;=\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b--\r\n",
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n" * 5000,
    ],
    ids=range(8),
)
def test_any_message_has_a_structure(content):
    """Parentheses match, whatever the message is."""
    written = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", structure(content))

    assert written.count(b"(") == written.count(b")") > 0


def test_deep_messages():
    """A message that is nested deep costs no depth of calls."""
    content = b"Content-Type: message/rfc822\r\n\r\n" * 3000 + INNER

    assert structure(content).startswith(b'("message" "rfc822" ')


def test_no_envelope_has_ten_fields():
    """The envelope of no message has as many items as any."""
    assert NO_ENVELOPE.count(b"NIL") == envelope({}.get).count(b"NIL") == 10


def fetched(client, item):
    """Return what FETCH gives for the last message, literals included, without its number."""
    data = client.fetch("*", f"({item})")[1]
    text = b"".join(b"".join(each) if isinstance(each, tuple) else each for each in data)
    return text.partition(b" ")[2]


def normalized(text):
    """Write as Dovecot does: types and encodings in lower case."""
    return re.sub(
        rb'"(7BIT|TEXT|PLAIN)"', lambda found: found[0].lower(), text, flags=re.IGNORECASE
    )


@pytest.mark.servers
@pytest.mark.parametrize("item", ["BODYSTRUCTURE", "BODY", "ENVELOPE"])
@pytest.mark.parametrize("name", MESSAGES)
def test_as_dovecot(dovecot, server, login, name, item):
    """The embedded server writes what Dovecot writes."""
    user = dovecot.fresh_user()
    parts = urlsplit(dovecot.url("imaps", user))
    context = ssl.create_default_context(cafile=dovecot.ca_file)
    with imaplib.IMAP4_SSL(parts.hostname, parts.port, ssl_context=context, timeout=10) as theirs:
        theirs.login(user.name, user.password)
        theirs.append("INBOX", None, None, MESSAGES[name])
        theirs.select()
        expected = fetched(theirs, item)
    ours = login(server, "imap")
    ours.append("INBOX", None, None, MESSAGES[name])
    ours.select()

    assert normalized(fetched(ours, item)) == normalized(expected)
