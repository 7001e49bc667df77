"""Errors lose the secrets that a server repeats, with their causes."""

from netmail.curl.hide_secrets import hide_secrets
from netmail.errors import ImapError, ProtocolError


def test_error_and_its_cause():
    """Message, text and octets are changed in place, in the whole chain."""
    cause = ProtocolError("no reply: opensesame", b"x opensesame", "OK")
    error = ImapError("NOOP", "opensesame?", "NO")
    error.__cause__ = cause
    hide_secrets(error, lambda text: text.replace("opensesame", "***"))

    assert (str(error), error.text) == ("NOOP: NO ***?", "NO ***?")
    assert "opensesame" not in str(cause)
    assert cause.data == b"x ***"
