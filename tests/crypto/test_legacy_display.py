"""The subject above the text, for programs that do not know where else it is: written, left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netmail
from netmail.crypto.entity import entity_of
from netmail.crypto.legacy_display import with_display, without_display
from netmail.crypto.results import Decrypted

# As RFC 9788 describes them: section 4.5.3.2 (text), section 4.5.3.3 (HTML).
PLAIN = """\
Subject: Dinner plans
Content-Type: text/plain; charset="us-ascii"; hp-legacy-display="1"; hp="cipher"

Subject: Dinner plans

Meet at eight.

Bye
"""
HTML = """\
Subject: Dinner plans
Content-Type: text/html; charset="us-ascii"; hp-legacy-display="1"; hp="cipher"

<html><head><title></title></head><body class="a">
<div class="header-protection-legacy-display"><pre>Subject: Dinner plans</pre></div>
<p>Meet at eight.</p></body></html>
"""
ALTERNATIVE = """\
Subject: Dinner plans
Content-Type: multipart/mixed; boundary=m; hp="cipher"

--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; hp-legacy-display="1"
Content-Transfer-Encoding: quoted-printable

Subject: Dinner=20plans
To: Bob
 <bob@example.test>

Meet at =65ight.

--a
Content-Type: text/html; hp-legacy-display="1"
Content-Transfer-Encoding: base64

PGRpdiBjbGFzcz0iaGVhZGVyLXByb3RlY3Rpb24tbGVnYWN5LWRpc3BsYXkiPjxwcmU+U3ViamVj
dDogRGlubmVyIHBsYW5zPC9wcmU+PC9kaXY+PHA+TWVldDwvcD4=
--a--
--m
Content-Type: text/plain; hp-legacy-display="1"; name=note.txt

Subject: not the text

Kept
--m--
"""
# What Enigmail wrote before there was an RFC: a part of its own.
OLD = """\
Subject: Dinner plans
Content-Type: multipart/mixed; boundary=m; protected-headers="v1"

--m
Content-Type: text/{}; protected-headers="v1"
Content-Disposition: inline

Subject: Dinner plans

--m
Content-Type: text/plain

Meet at eight.
--m--
"""


def octets(text):
    """Octets with CRLF line ends."""
    return text.replace("\n", "\r\n").encode()


def read(text):
    """The message that a reader is shown."""
    return Decrypted(octets(text), netmail.parse(b"Subject: [...]\r\n\r\n")).mail


def test_text():
    """The first lines, which are fields, are left out."""
    assert read(PLAIN).text == "Meet at eight.\n\nBye\n"
    assert read(PLAIN).subject == "Dinner plans"


def test_html():
    """The first element is left out."""
    assert read(HTML).html == (
        '<html><head><title></title></head><body class="a"><p>Meet at eight.</p></body></html>\n'
    )


def test_each_form_of_the_text():
    """Both forms of the text are changed, and no other part."""
    mail = read(ALTERNATIVE)

    assert mail.root.children[0].children[0].text == "Meet at eight.\n"
    assert mail.html == "<p>Meet</p>"
    assert mail.root.children[1].text == "Subject: not the text\n\nKept"
    assert mail.defects == []


@pytest.mark.parametrize("kind", ["plain", "rfc822-headers"])
def test_part_of_old_programs(kind):
    """A part that repeats the fields is left out."""
    mail = read(OLD.format(kind))

    assert mail.text == "Meet at eight."
    assert mail.attachments == []
    assert len(mail.root.children) == 1


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace('hp="cipher"', 'hp="clear"'),
        PLAIN.replace('; hp="cipher"', ""),
        PLAIN.replace('hp-legacy-display="1"', 'hp-legacy-display="0"'),
        PLAIN.replace("\n\nMeet", "\nMeet at once: or not\n\nMeet").replace(
            "Meet at once:", "Meet"
        ),
        PLAIN.replace("\n\nMeet at eight.\n\nBye", ""),
        HTML.replace("<div", "<p>Read this</p><div"),
        HTML.replace("<pre>", "<div><pre>"),
        HTML.replace("</div>", ""),
        OLD.format("plain").replace('plain; protected-headers="v1"', "plain"),
        OLD.format("html"),
        OLD.format("plain").replace("boundary=m; protected", "boundary=m; other"),
        OLD.format("plain").replace("mixed", "related"),
        "Subject: Dinner plans\n\nMeet at eight.\n",
    ],
)
def test_nothing_else_is_left_out(text):
    """What is not marked, not encrypted, or is no field, is shown: nobody may hide a text."""
    assert without_display(octets(text)) == octets(text)


def test_content_is_kept():
    """The octets are there as they were decrypted, for what verifies them."""
    found = Decrypted(octets(PLAIN), netmail.parse(b"\r\n"))

    assert found.content == octets(PLAIN)


def written(message, text="Subject: Pläne"):
    """A message with the fields above its text, protected as `encrypt()` does it."""
    envelope = netmail.envelope_of(message)
    entity = with_display(entity_of(envelope), text)
    return netmail.parse(entity.as_bytes())


def letter():
    """A message without a text."""
    return netmail.message("ann@example.test", "bob@example.test", "Pläne")


def test_written_above_the_text():
    """A text in US-ASCII becomes one in UTF-8 where the subject needs it."""
    mail = written(letter().text("Hello\n"))

    assert mail.text == "Subject: Pläne\n\nHello\n"
    assert mail.root.params["hp-legacy-display"] == "1"
    assert mail.root.charset == "utf-8"
    assert written(letter().text("Hello\n"), "Subject: x").root.charset == "us-ascii"


def test_written_above_html():
    """The element is the first one; what HTML gives a meaning is escaped."""
    message = letter().html("<html><body bgcolor=red>\n<p>Grüße</p></body></html>")

    mail = written(message, "Subject: <b>&")

    assert '<body bgcolor=red><div class="header-protection-legacy-display">' in mail.html
    assert "<pre>Subject: &lt;b&gt;&amp;</pre></div>" in mail.html
    assert "<p>Grüße</p>" in mail.html


@pytest.mark.parametrize("html", ["<p>x</p>", "<head><title>t</title></head><p>x</p>", "<body"])
def test_html_without_a_body(html):
    """Where there is no body, the element is after the head or at the beginning."""
    assert '<div class="header-protection' in written(letter().html(html)).html


def test_every_form_and_no_attachment():
    """Both forms of the text get the fields; a file that is attached stays as it is."""
    message = letter().text("Hello\n").html("<p>Hello</p>").attach("note.txt", b"Note\n")

    mail = written(message)

    assert mail.text.startswith("Subject: Pläne\n\nHello")
    assert "Pläne" in mail.html
    assert mail.attachments[0].content == b"Note\n"
    assert "hp-legacy-display" not in mail.root.children[1].params


def test_no_text():
    """A message of nothing but a file is written as it is."""
    entity = entity_of(netmail.envelope_of(letter().attach("a.bin", b"\0\1")))

    assert with_display(entity, "Subject: x").as_bytes() == entity.as_bytes()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_round_trip(text):
    """What is written above a text is left out again, whatever the text is."""
    plain = netmail.envelope_of(letter().text(text))
    entity = with_display(entity_of(plain), "Subject: Pläne")
    marked = entity.as_bytes().replace(b"; charset", b'; hp="cipher"; charset', 1)
    marked = marked.replace(b";\r\n\tcharset", b';\r\n\thp="cipher";\r\n\tcharset', 1)

    found = netmail.parse(without_display(marked))

    assert found.text == netmail.parse(entity_of(plain).as_bytes()).text
