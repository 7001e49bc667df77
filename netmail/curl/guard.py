"""Whose failure an exception is that ends a conversation: the grammar's or a caller's.

This file must not know a protocol, nor what the exception says: only the modules it passed through.
"""

import sys
from types import TracebackType
from typing import Final

from netmail.errors import NetmailError, ProtocolError

OWN: Final = ("netmail.flows.", "netmail.wire.")
"""Where conversations and grammar are; the other packages call files and functions of callers."""


def as_protocol_error(error: BaseException) -> ProtocolError | None:
    """Make an error of netmail's of an exception that its own grammar or flow raised.

    A program catches `NetmailError`; a `KeyError` that a server can cause would end it. What a
    caller's file, iterable or callback raises is the caller's, and stays what it is.

    Returns:
        The error, with the exception as its cause; `None` where the exception is to pass unchanged.
    """
    if isinstance(error, NetmailError) or not isinstance(error, Exception):
        return None  # its own already, or a cancellation
    if not _is_own(error.__traceback__):
        return None
    made = ProtocolError(f"what the server sent could not be read: {type(error).__name__}")
    made.__cause__ = error
    return made


def _is_own(trace: TracebackType | None) -> bool:
    """Tell whether a trace leads from the pump to the grammar, and on through no other code."""
    found = False
    trace = trace.tb_next if trace else None  # the first frame is the pump's
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith(OWN):
            found = True
        # The standard library is what the grammar is made of, such as `re` and `base64`.
        elif module.partition(".")[0] not in sys.stdlib_module_names:
            return False
        trace = trace.tb_next
    return found
