"""Message identifiers (RFC 5322 section 3.6.4)."""

from netmail import parse


def test_message_ids():
    """Ids in order, each once; bare ones are taken where none has brackets."""
    mail = parse("References: <1@a> <2@a>\n\t<1@a> junk\nIn-Reply-To: 3@a.example\n\n")

    assert (mail.references, mail.in_reply_to) == (["<1@a>", "<2@a>"], ["<3@a.example>"])
