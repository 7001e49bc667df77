"""Where a conversation calls a function that its caller has passed in.

This file must not know a protocol. It lies outside the conversations, so that the driver sees in a
trace whose failure it is: a function written in C, such as `queue.Queue().put_nowait`, has no line
of its own there.
"""

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


def call(function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Call a caller's function; what it raises passes unchanged."""
    function(*args, **kwargs)
