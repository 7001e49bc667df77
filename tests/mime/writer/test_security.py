"""What a builder must not be tricked into: the known bugs of others, each as a test."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.address import Address, Group
from netmail.errors import MessageError, UsageError
from netmail.mime.writer.header_lines import unstructured_field, written_field
from netmail.mime.writer.message import Message
from support.messages import simple
from support.outgoing import stored_octets
from support.timing import cpu_limit

SETTERS = {
    "from": lambda m, text: m.from_(text),
    "name": lambda m, text: m.from_(Address(text, "a@x")),
    "pair": lambda m, text: m.to((text, "a@x")),
    "address": lambda m, text: m.to(Address("", text)),
    "local": lambda m, text: m.to(f'"{text}"@x'),
    "domain": lambda m, text: m.to(f"a@{text}"),
    "quoted name": lambda m, text: m.to(f'"{text}" <a@x>'),
    "to": lambda m, text: m.to(f"a@x{text}"),
    "cc": lambda m, text: m.cc([f"a@x{text}"]),
    "bcc": lambda m, text: m.bcc(f"a@x{text}"),
    "reply_to": lambda m, text: m.reply_to(f"a@x{text}"),
    "group": lambda m, text: m.to(Group(text, (Address("", "a@x"),))),
    "group member": lambda m, text: m.to(Group("g", (Address(text, "a@x"),))),
    "sender": lambda m, text: m.sender(f"a@x{text}"),
    "return_path": lambda m, text: m.return_path(f"a@x{text}"),
    "subject": lambda m, text: m.subject(text),
    "header": lambda m, text: m.header(f"X-A: {text}"),
    "header pair": lambda m, text: m.header(("X-A", text)),
    "header dict": lambda m, text: m.header({"X-A": text}),
    "header name": lambda m, text: m.header({text: "x"}),
    "attachment name": lambda m, text: m.attachment(b"x", text),
    "content id": lambda m, text: m.attachment(b"x", "a", content_id=text),
    "content type": lambda m, text: m.attachment(b"x", "a", content_type=f"a/b{text}"),
    "message id": lambda m, text: m.message_id(f"<a@x{text}>"),
    "organization": lambda m, text: m.organization(text),
    "notify": lambda m, text: m.notify(f"a@x{text}"),
    "list id": lambda m, text: m.mailing_list(f"a.b{text}"),
    "list name": lambda m, text: m.mailing_list("a.b", text),
    "unsubscribe": lambda m, text: m.unsubscribe(f"https://a/{text}"),
    "seed": lambda m, text: m.seed(text),
    "invite name": lambda m, text: m.calendar("BEGIN:VCALENDAR\nMETHOD:X\n", name=text),
}


@pytest.mark.parametrize("setter", SETTERS.values(), ids=SETTERS)
@pytest.mark.parametrize("bad", ["\r", "\n", "\r\n", "\0", "\ud800"], ids=ascii)
@pytest.mark.parametrize("around", ["{}", "a{}Bcc: evil@example.org", "{} b", "a{}"])
def test_forbidden(setter, bad, around):
    """CR, LF, NUL and lone surrogates are refused wherever a caller's text goes.

    CVE-2024-6923, CVE-2026-1299, CVE-2026-30227, CVE-2024-21742, gh-76787, gh-100612.
    """
    with pytest.raises(MessageError):
        setter(simple(text="Yo"), around.format(bad))


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.org)bob@evil.org",
        "alice@evil.org@example.org",
        "alice@example.org(bob@evil.org)",
        "<alice@example.org>bob@evil.org",
        "alice@example.org <bob@evil.org",
        "alice@example.org> <bob@evil.org>",
        "<<alice@example.org>>",
        '"alice@example.org',
        "alice@exa mple.org",
        "alice@example.org;bob@evil.org",
        "alice@[127.0.0.1",
        "alice@.example.org",
        "alice@example..org",
        "alice.@example.org",
        "@example.org",
        "alice@",
        "alice",
        "alice@-example.org",
        "=?utf-8?q?alice=40example.org?=",
        "Smith, John <john@example.org>",
        "group: a@x",
        "a: b: c@x;;",
        "alice@example\uff20evil.org",
        "alice@example.org\uff0fevil",
        "alice\u202e@example.org",
        "alice\u2028@example.org",
        "a@" + "x" * 64,
        "a@" + "x." * 130 + "x",
    ],
)
def test_doubtful_addresses(text):
    """What two readers could read differently is refused (CVE-2023-27043, CVE-2019-16056)."""
    with pytest.raises(MessageError):
        simple(text="Yo").to(text)


def test_quoted_local_part():
    """A quoted local part stays quoted, and so goes to its own domain (GHSA-mm7p-fcc7-pg87)."""
    built = Message("a@x", '"x@evil.org y"@internal.example')

    assert built.recipients == ('"x@evil.org y"@internal.example',)
    assert b'To: "x@evil.org y"@internal.example\r\n' in built.as_bytes()


def test_ambiguous_pair():
    """A name that is an address is no recipient, and no recipient is taken for a name."""
    with pytest.raises(UsageError, match="two addresses"):
        simple(text="Yo").to(("evil@example.org", "bob@example.org"))


def test_names_that_are_addresses():
    """With Address, such a name is kept, quoted, and receives nothing."""
    built = Message("a@x", Address("evil@example.org, b", "bob@example.org"))

    assert built.recipients == ("bob@example.org",)
    assert b'"evil@example.org, b" <bob@example.org>' in built.as_bytes()


def test_folded_list_comma():
    """The comma between addresses is never encoded (CVE-2025-1795)."""
    names = [Address(f"Ünïcödé, Nämé {i}", f"user{i}@example.org") for i in range(30)]
    octets = Message("a@x", names).as_bytes()
    seen = message_from_bytes(octets, policy=policy.default)

    assert [str(item.addr_spec) for item in seen["To"].addresses] == [n.address for n in names]


def test_specials_stay_quoted():
    """Specials in encoded names do not become addresses when decoded (gh-121284)."""
    name = 'Ü" <evil@example.org>, x'
    seen = message_from_bytes(
        Message("a@x", Address(name, "b@example.org")).as_bytes(), policy=policy.default
    )

    assert [(a.display_name, a.addr_spec) for a in seen["To"].addresses] == [
        (name, "b@example.org")
    ]


@pytest.mark.parametrize("text", ["=?utf-8?q?=0D=0ABcc:_evil?=", "=?utf-8?b?DQpCY2M6IGV2aWw=?="])
def test_encoded_words_given(text):
    """Text that looks like an encoded word is encoded itself, not passed on."""
    octets = (
        simple(text="Yo").subject(text).header(("X-A", text)).to(Address(text, "c@x")).as_bytes()
    )
    seen = message_from_bytes(octets, policy=policy.default)

    assert text.encode() not in octets
    assert text == seen["Subject"]


def test_empty_encoded_word():
    """No empty encoded word is ever written (gh-136052)."""
    octets = simple(text="Yo").subject("").header(("X-A", "")).to(Address("", "c@x")).as_bytes()

    assert b"=?" not in octets


@pytest.mark.parametrize("subtype", ["plain", "html"])
@pytest.mark.parametrize("fill", ["", "é", "漢" * 50, "x" * 2000])
def test_text_cannot_close(subtype, fill):
    """A text that holds the boundary does not end its part."""
    built = simple(text="Yo").html("<p>").attachment(b"x", "x.bin").seed("foreseen")
    marker = "\n--=_0_foreseen--\n--=_2_foreseen\nContent-Type: text/x-evil\n\nevil\n"
    built.text(marker + fill) if subtype == "plain" else built.html(marker + fill)
    seen = message_from_bytes(built.as_bytes(), policy=policy.default)

    assert [part.get_content_type() for part in seen.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/octet-stream",
    ]


@pytest.mark.parametrize("binary", [False, True])
def test_attachment_cannot_close(binary, tmp_path):
    """Nor does an attached text, message or file, in whatever encoding."""
    inside = b"\r\n--=_0_foreseen--\r\n--=_0.1_foreseen--\r\n" + b"x" * 70_000
    path = tmp_path / "file.bin"
    path.write_bytes(b"y" * 65_660 + inside)
    built = simple(text="Yo").seed("foreseen").attachment(inside, "x.txt").attachment(path)
    built.attachment(inside, "x.eml", content_type="message/rfc822")
    octets = built.as_bytes(binary=binary)
    seen = message_from_bytes(octets, policy=policy.default)

    assert (4, b"y" * 65_660 + inside) == (
        len(seen.get_payload()),
        seen.get_payload()[2].get_content(),
    )


def test_nested_message_cannot_close():
    """Nor does an attached message with the same seed."""
    inner = simple(text="Yo").html("<p>inner").attachment(b"in", "in.bin").seed("same")
    outer = simple(text="Yo").html("<p>outer").attachment(inner).seed("same")
    seen = message_from_bytes(outer.as_bytes(), policy=policy.default)

    assert (
        len(seen.get_payload()),
        seen.get_payload()[1].get_content_type(),
    ) == (2, "message/rfc822")


@pytest.mark.parametrize(
    "value",
    [
        "x\r\nBcc: evil@x",
        "x\nBcc: evil@x",
        "x\r\n\r\nbody",
        "x\r\n \r\nbody",
        "x\0",
        "x\r y",
        "x\n y",
    ],
)
def test_checked_when_written(value):
    """What comes past the setters is refused when it is written (CVE-2026-1299)."""
    built = simple(text="Yo")
    built._draft.headers.append(("X-A", value))

    with pytest.raises(MessageError):
        built.as_bytes()
    with pytest.raises(MessageError):
        written_field("X-A", f"X-A: {value}\r\n".encode())


def test_subject_checked_when_written():
    """The same for the subject, the names and the addresses."""
    for field, value in (
        ("subject", "a\r\nBcc: x"),
        ("message_id", "<a>\r\nBcc: x"),
        ("senders", [Address("a\r\nBcc: x", "a@x")]),
        ("to", [Address("", "a@x\r\nBcc: x")]),
        ("cc", [Group("a\nb")]),
    ):
        built = simple(text="Yo")
        setattr(built._draft, field, value)
        with pytest.raises(MessageError):
            built.as_bytes()


def test_standard_header_injection():
    """A standard message cannot inject either, on any Python (CVE-2024-6923, CVE-2026-1299)."""
    message = message_from_bytes(b"From: a@x\nTo: b@x\n\nx")
    message["Subject"] = "x\nBcc: evil@example.org"

    with pytest.raises(MessageError):
        stored_octets(message)


def test_standard_header_names():
    """A standard message's header name with a space is refused (gh-127794)."""
    message = EmailMessage()
    message["From"] = "a@x"
    message["X-A b"] = "1"

    with pytest.raises(MessageError):
        stored_octets(message)


def test_lists_of_urls():
    """List headers take URLs only, so no second URL or header hides in one (nodemailer#1820)."""
    for url in ("javascript:alert(1)", "https://a> <https://evil", "https://a, b", "https://ä"):
        with pytest.raises(MessageError):
            simple(text="Yo").unsubscribe(url)


def test_read_attachment_is_not_trusted():
    """The name and type that another's attachment had cannot break the message."""

    class Part:
        filename = "a\r\nBcc: evil@x\0\u202e.txt"
        content_type = "text/plain\r\nX: y"
        content_id = "a b\r\n"
        content = b"x"

    seen = message_from_bytes(
        simple(text="Yo").attachment(Part()).as_bytes(), policy=policy.default
    )
    part = next(seen.iter_attachments())

    assert (
        seen["Bcc"],
        part.get_filename(),
        part.get_content_type(),
    ) == (None, "a__Bcc: evil@x__.txt", "application/octet-stream")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: simple(text="Yo").to('"\\"' * 200_000), id="quotes"),
        pytest.param(lambda: simple(text="Yo").to("<" * 400_000), id="angles"),
        pytest.param(lambda: simple(text="Yo").to("a:" * 200_000), id="groups"),
        pytest.param(lambda: simple(text="Yo").to("(" * 400_000), id="comments"),
        pytest.param(lambda: simple(text="Yo").to("[" * 400_000), id="literals"),
        pytest.param(lambda: simple(text="Yo").to("a." * 200_000), id="dots"),
        pytest.param(lambda: simple(text="Yo").to("ü" * 400_000 + "@x"), id="local part"),
        pytest.param(lambda: simple(text="Yo").to("a@" + "ü." * 200_000), id="domain"),
    ],
)
def test_hostile_addresses(make):
    """Hostile addresses are refused in bounded time (CVE-2025-14874, GHSA-2x7j-588g-ccc2)."""
    with cpu_limit(1), pytest.raises(MessageError):
        make()


def test_many_addresses():
    """50,000 recipients take time in proportion (CVE-2024-23184, gh-136063)."""
    with cpu_limit(3):
        built = Message("a@x", ", ".join(f"user{i}@example.org" for i in range(30_000)))
        octets = built.as_bytes()

    assert octets.count(b"@example.org") == 30_000


@pytest.mark.parametrize(
    "html",
    [
        pytest.param('"data:image/png' * 60_000, id="starts"),
        pytest.param('("data:image/png;base64,' * 40_000 + ")", id="nested"),
        pytest.param('"data:image/png;base64,' + "A" * 900_000, id="open"),
    ],
)
def test_hostile_images(html):
    """Hostile HTML is searched for images in bounded time."""
    with cpu_limit(2):
        octets = simple(text="Yo").html(html).inline_images().as_bytes()

    assert len(octets) > 1000


@given(st.text(alphabet=st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"])))
def test_fields(text):
    """Any text becomes one lawful field."""
    field = unstructured_field("X-Test", text)
    lines = field.split(b"\r\n")

    assert lines[-1] == b""
    assert all(len(line) <= 998 for line in lines)
    assert all(line[:1] in {b" ", b"\t"} and line.strip() for line in lines[1:-1])
    assert field.isascii()
