"""Defects: each is reported, at its place."""

import pytest

from netmail import DefectKind, parse

HEAD = "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n"


def kinds(raw):
    return {defect.kind for defect in parse(raw.encode()).defects}


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
def test_each_is_a_defect(raw, kind):
    """What was worked around is reported."""
    assert kind in kinds(raw)


TWO = HEAD + "--b\n\none\n--b\n\ntwo\n--b--\n"


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
