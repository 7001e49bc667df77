"""What mailers write against the grammar: read, reported, and refused by `strict`."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from netmail import Address, MessageError, parse
from netmail.mime.quirks import MIME_QUIRKS
from support.source import PACKAGE, ROOT

NOON = datetime(2024, 1, 15, 12, 30, 45, tzinfo=UTC)
# How each sample is read: a view of the message, and its value.
READ = {
    "byte-order-mark": (lambda mail: mail.subject, "s"),
    "mbox-line": (lambda mail: mail.subject, "s"),
    "leading-space": (lambda mail: mail.subject, "s"),
    "junk-line": (lambda mail: mail.subject, "s"),
    "bad-name": (lambda mail: mail.subject, "s"),
    "space-before-colon": (lambda mail: mail.subject, "s"),
    "no-empty-line": (lambda mail: mail.text, "The text.\n"),
    "bare-cr-lines": (lambda mail: mail.text, "The text.\n"),
    "raw-8bit-header": (lambda mail: mail.subject, "Grüße"),
    "split-character": (lambda mail: mail.subject, "Café"),
    "word-with-8bit": (lambda mail: mail.subject, "Frösche"),
    "word-in-quotes": (lambda mail: mail.from_, [Address("Jürgen", "j@b.example")]),
    "unquoted-comma": (lambda mail: mail.from_, [Address("Doe, John", "j@b.example")]),
    "open-quote": (lambda mail: mail.from_, [Address("Ann", "a@b.example")]),
    "semicolon-list": (
        lambda mail: mail.to,
        [Address("", "a@b.example"), Address("", "c@d.example")],
    ),
    "missing-bracket": (lambda mail: mail.from_, [Address("Ann", "a@b.example")]),
    "ctime-date": (lambda mail: mail.date, NOON),
    "iso-date": (lambda mail: mail.date, NOON),
    "named-zone": (
        lambda mail: mail.date.isoformat(),
        NOON.astimezone(timezone(timedelta(hours=1))).isoformat(),
    ),
    "missing-semicolon": (lambda mail: mail.html, "<p>ä"),
    "unquoted-spaces": (lambda mail: mail.root.filename, "my file.txt"),
    "open-parameter": (lambda mail: mail.root.filename, "a.txt"),
    "repeated-parameter": (lambda mail: mail.root.charset, "utf-8"),
    "word-in-parameter": (lambda mail: mail.root.filename, "ä.txt"),
    "odd-encoding-label": (lambda mail: mail.root.content, b"Hello"),
    "base64-footer": (lambda mail: mail.root.content, b"Hello"),
    "base64-in-pieces": (lambda mail: mail.root.content, b"Hello world"),
    "stray-equals": (lambda mail: mail.root.content, b"a=ZZ"),
    "uuencoded-text": (lambda mail: mail.attachments[0].content, b"Hello"),
    "packed-text": (lambda mail: mail.text, "Hello"),
    "returned-as-text": (lambda mail: mail.report.recipients[0].status, "5.1.1"),
    "superset-charset": (lambda mail: mail.text, "“Hi”"),
    "unknown-charset": (lambda mail: mail.text, "Grüße"),
    "wrong-charset": (lambda mail: mail.text, "Grüße"),
    "missing-boundary": (lambda mail: mail.text, "one"),
    "not-closed": (lambda mail: mail.text, "one\n"),
    "boundary-junk": (lambda mail: mail.text, "one"),
    "encoded-message": (lambda mail: mail.root.message.subject, "inner"),
}
DEFECTIVE = [quirk for quirk in MIME_QUIRKS if quirk.defect]
READING = ROOT / "docs" / "topics" / "reading.md"


def name_of(quirk):
    """Return the name of a quirk, as a test's id."""
    return quirk.name


def test_names_are_unique():
    """Each tolerance has one name, and each name its reading."""
    assert [quirk.name for quirk in MIME_QUIRKS] == [*READ]


@pytest.mark.parametrize("quirk", MIME_QUIRKS, ids=name_of)
def test_sample_is_read(quirk):
    """The sample means what its author meant."""
    view, expected = READ[quirk.name]

    assert view(parse(quirk.sample)) == expected


@pytest.mark.parametrize("quirk", MIME_QUIRKS, ids=name_of)
def test_sample_has_its_defect(quirk):
    """The defect is reported; what is no defect reports none."""
    kinds = {defect.kind for defect in parse(quirk.sample).defects}

    assert quirk.defect in kinds if quirk.defect else not kinds


@pytest.mark.parametrize("quirk", DEFECTIVE, ids=name_of)
def test_strict(quirk):
    """With `strict` a sample with a defect is refused."""
    with pytest.raises(MessageError):
        parse(quirk.sample, strict=True)


@pytest.mark.parametrize("quirk", MIME_QUIRKS, ids=name_of)
def test_reader_names_its_quirk(quirk):
    """The module that tolerates it says so in a comment."""
    path = PACKAGE.joinpath("mime", *quirk.module.split(".")).with_suffix(".py")

    assert re.search(rf"# .*\bquirk(?:\s+#)?\s+{quirk.name}\b", path.read_text("utf-8"))


def test_documented():
    """The table of the documents is this one."""
    shown = READING.read_text("utf-8").partition("## Tolerances")[2].partition("\n## ")[0]
    rows = [line for line in shown.splitlines() if line.startswith("| `")]

    assert rows == [
        f"| `{quirk.name}` | {quirk.what} | {quirk.source} | {quirk.rule} |"
        for quirk in MIME_QUIRKS
    ]
