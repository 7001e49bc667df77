"""Errors without the secrets that a server repeats in its text.

This file must not know a protocol, nor which texts are secret.
"""

from collections.abc import Callable

from netmail.errors import NetmailError, ProtocolError, ReplyError
from netmail.wire.server_text import decode, encode


def hide_secrets(error: BaseException, redact: Callable[[str], str]) -> None:
    """Take the secrets out of an error of netmail, and out of its causes and contexts.

    Args:
        error: The error; it is changed in place, so that its traceback stays.
        redact: Replaces each known secret in a text.
    """
    rest: BaseException | None = error
    while rest is not None:
        if isinstance(rest, NetmailError):
            rest.args = tuple(redact(each) if isinstance(each, str) else each for each in rest.args)
        if isinstance(rest, ReplyError):
            rest.text = redact(rest.text)
        if isinstance(rest, ProtocolError):
            rest.data = encode(redact(decode(rest.data)))
        rest = rest.__cause__ or rest.__context__
