"""Errors without the secrets that a server repeats in its text.

This file must not know a protocol, nor which texts are secret.
"""

from collections.abc import Callable

from netmail.errors import AuthenticationError, NetmailError, ProtocolError, ReplyError
from netmail.wire.server_text import decode, encode


def hide_secrets(error: BaseException, redact: Callable[[str], str]) -> None:
    """Take the secrets out of an error of netmail, and out of its causes and contexts.

    Args:
        error: The error; it is changed in place, so that its traceback stays.
        redact: Replaces each known secret in a text.
    """
    rest: BaseException | None = error
    is_cause = False
    while rest is not None:
        if isinstance(rest, NetmailError):
            rest.args = tuple(redact(each) if isinstance(each, str) else each for each in rest.args)
        elif is_cause:
            # What the grammar raised about the server's text, which `guard` has given a cause.
            rest.args = tuple(_hidden(each, redact) for each in rest.args)
            if isinstance(rest, UnicodeDecodeError):
                rest.object = encode(redact(decode(rest.object)))
        if isinstance(rest, ReplyError):
            rest.text = redact(rest.text)
        if isinstance(rest, AuthenticationError):
            rest.tried = {name: redact(text) for name, text in rest.tried.items()}
            rest.not_tried = {name: redact(text) for name, text in rest.not_tried.items()}
        if isinstance(rest, ProtocolError):
            rest.data = encode(redact(decode(rest.data)))
        # A caller's own exception stays as it is, but not what became one of netmail's errors.
        is_cause = isinstance(rest, NetmailError)
        rest = rest.__cause__ or rest.__context__


def _hidden(value: object, redact: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return redact(value)
    return encode(redact(decode(value))) if isinstance(value, bytes) else value
