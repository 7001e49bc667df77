"""The views of a `Mail`: the tree, the flat view by RFC 8621, attachments by themselves."""

from netmail import Mail, parse


def test_values_are_the_same_one_by_one_and_all_at_once():
    """Both readers of a header agree, long or short, folded or broken."""
    block = "A : 1\nB: =?utf-8?q?a?=\n =?utf-8?q?b?=\nFrom: =?utf-8?q?x?= <a@b.example>\n"
    block += "C:\t2\r\n\t3\r\nD: \0x\ry\n"
    for filler in ("", "X: " + "y" * 500 + "\n", "Y: ä\n"):
        raw = (block + filler).encode()
        whole = dict(parse(raw).headers.items())

        assert whole == {name: parse(raw).headers[name] for name in whole}


def test_empty_made_mail():
    """A mail of nothing has empty views."""
    mail = Mail()

    assert (mail.text, mail.html, mail.attachments, mail.root, mail.report) == (
        "",
        "",
        [],
        None,
        None,
    )
    assert mail.signed is None
    assert mail.is_encrypted is False
    assert mail.raw_headers == b""
    assert mail.text_unwrapped() == ""
