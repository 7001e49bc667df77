"""Errors lose the secrets that a server repeats, with their causes."""

from netmail.errors import AuthenticationError, ImapError, ProtocolError
from netmail.flows.hide_secrets import hide_secrets


def test_error_and_its_cause():
    """Message, text and octets are changed in place, in the whole chain."""
    cause = ProtocolError("no reply: opensesame", b"x opensesame", "OK")
    error = ImapError("NOOP", "opensesame?", "NO")
    error.__cause__ = cause
    hide_secrets(error, lambda text: text.replace("opensesame", "***"))

    assert (str(error), error.text) == ("NOOP: NO ***?", "NO ***?")
    assert "opensesame" not in str(cause)
    assert cause.data == b"x ***"


def test_mechanisms_that_were_tried():
    """Each of the texts that a failed login lists is looked at."""
    error = AuthenticationError(
        "login", "no", tried={"PLAIN": "no opensesame"}, not_tried={"LOGIN": "opensesame!"}
    )
    hide_secrets(error, lambda text: text.replace("opensesame", "***"))

    assert (error.tried, error.not_tried) == ({"PLAIN": "no ***"}, {"LOGIN": "***!"})


def test_exception_of_the_grammar():
    """What `guard` gives as a cause holds the server's text too."""
    error = ProtocolError("what the server sent could not be read: KeyError")
    error.__cause__ = KeyError("opensesame", b"x opensesame", 7)
    hide_secrets(error, lambda text: text.replace("opensesame", "***"))

    assert error.__cause__.args == ("***", b"x ***", 7)


def test_octets_that_could_not_be_decoded():
    """The exception keeps them beside its arguments."""
    error = ProtocolError("what the server sent could not be read: UnicodeDecodeError")
    error.__cause__ = UnicodeDecodeError("ascii", b"opensesame \xff", 11, 12, "no")
    hide_secrets(error, lambda text: text.replace("opensesame", "***"))

    assert error.__cause__.object == b"*** \xff"
    assert "opensesame" not in repr(error.__cause__.args)


def test_exception_of_a_caller():
    """What a caller's own function raises is the caller's."""
    error = KeyError("opensesame")
    hide_secrets(error, lambda text: text.replace("opensesame", "***"))

    assert error.args == ("opensesame",)
