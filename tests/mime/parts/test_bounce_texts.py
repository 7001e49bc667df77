"""The texts of servers that return a message without a delivery status."""

import re

import pytest

from netmail import parse
from netmail.mime.parts.bounce_texts import BOUNCE_TEXTS


def name_of(text):
    """Return the name of a text, as a test's id."""
    return text.name


def test_names_are_unique():
    """Each text has one name."""
    assert len({text.name for text in BOUNCE_TEXTS}) == len(BOUNCE_TEXTS)


@pytest.mark.parametrize("known", BOUNCE_TEXTS, ids=name_of)
def test_sample(known):
    """The sample is recognised, with its recipients and without a defect."""
    mail = parse(known.sample)

    assert mail.report.guessed_from == known.name
    assert mail.report.kind == "delivery"
    assert mail.report.recipients[0].recipient == "ann@b.example"
    assert mail.report.recipients[0].is_permanent
    assert not mail.defects


@pytest.mark.parametrize("known", BOUNCE_TEXTS, ids=name_of)
def test_sample_with_crlf(known):
    """The line ends of SMTP make no difference."""
    lines = parse(known.sample.replace(b"\n", b"\r\n")).report

    assert lines.recipients == parse(known.sample).report.recipients


@pytest.mark.parametrize("known", BOUNCE_TEXTS, ids=name_of)
def test_quoted_sample(known):
    """A reply that quotes the text, or an introduction before it, is no report."""
    head, _, body = known.sample.partition(b"\n\n")
    quoted = b"> " + body.replace(b"\n", b"\n> ")

    assert parse(b"Subject: Re\n\n" + quoted).report is None
    assert parse(b"Subject: Fwd\n\nLook:\n\n" + body).report is None
    assert head


@pytest.mark.parametrize("known", BOUNCE_TEXTS, ids=name_of)
def test_without_recipients(known):
    """A text that begins so and lists nobody is no report."""
    assert parse(b"\n" + known.begins.encode() + b" and more\n").report is None


@pytest.mark.parametrize("known", BOUNCE_TEXTS, ids=name_of)
def test_patterns(known):
    """All patterns are valid and have the group that is asked for."""
    for pattern in filter(None, (known.recipient, known.remote, known.reporter)):
        assert re.compile(pattern).groups == 1
