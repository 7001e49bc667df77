"""How a refusal is written in each protocol."""

import pytest

from netmail.testing.refusal import refusal


@pytest.mark.parametrize(
    ("point", "code", "smtp", "imap", "pop3"),
    [
        ("login", None, "535 5.7.8 no", b"AUTHENTICATIONFAILED", "[AUTH] no"),
        ("login", 454, "454 4.7.8 no", b"UNAVAILABLE", "[SYS/TEMP] no"),
        ("full", None, "452 4.2.2 no", b"OVERQUOTA", "[SYS/TEMP] no"),
        ("full", 552, "552 5.2.2 no", b"OVERQUOTA", "[SYS/PERM] no"),
        ("command", None, "451 4.3.0 no", b"UNAVAILABLE", "[SYS/TEMP] no"),
        ("command", 502, "502 5.3.0 no", b"CANNOT", "[SYS/PERM] no"),
    ],
)
def test_written(point, code, smtp, imap, pop3):
    """The code's class decides whether the response codes say temporary or permanent."""
    made = refusal(point, code, "no", drop=False, wanted=True)

    assert (made.smtp, made.imap, made.pop3) == (smtp, (imap, b"no"), pop3)


@pytest.mark.parametrize(
    ("code", "drop", "wanted", "expected"),
    [
        (None, False, True, (450, False)),
        (None, False, False, None),
        (None, True, True, (0, True)),
        (450, True, True, (450, True)),
        (421, False, True, (421, True)),
    ],
    ids=["default", "delay-only", "drop", "reply-and-drop", "421-closes"],
)
def test_what_is_left_out(code, drop, wanted, expected):
    """A rule without code has the point's own, unless it only drops or delays."""
    made = refusal("rcpt", code, None, drop=drop, wanted=wanted)

    assert (made and (made.code, made.drop)) == expected
