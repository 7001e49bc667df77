"""The functions that make a blocking client: `netmail.smtp()`, `netmail.pop3()`, `netmail.imap()`.

This file must not know more than which class each makes, and imports no client before it makes one.
"""

from typing import TYPE_CHECKING, Unpack

from netmail.limits import ServerLimits
from netmail.options.options import OptionsDict, OptionsSource

if TYPE_CHECKING:
    from netmail.clients.imap import Imap
    from netmail.clients.pop3 import POP3
    from netmail.clients.transport import Transport
    from netmail.results.events import OnEvent


def smtp(
    options: OptionsSource = None,
    /,
    *,
    limits: ServerLimits | None = None,
    on_event: "OnEvent | None" = None,
    **keywords: Unpack[OptionsDict],
) -> "Transport":
    """Make a `Transport`, with the arguments of that class."""
    from netmail.clients.transport import Transport  # noqa: PLC0415 -- only the client that is used

    return Transport(options, limits=limits, on_event=on_event, **keywords)


def pop3(
    options: OptionsSource = None,
    /,
    *,
    limits: ServerLimits | None = None,
    on_event: "OnEvent | None" = None,
    **keywords: Unpack[OptionsDict],
) -> "POP3":
    """Make a `POP3`, with the arguments of that class."""
    from netmail.clients.pop3 import POP3  # noqa: PLC0415 -- only the client that is used

    return POP3(options, limits=limits, on_event=on_event, **keywords)


def imap(
    options: OptionsSource = None,
    /,
    *,
    limits: ServerLimits | None = None,
    on_event: "OnEvent | None" = None,
    **keywords: Unpack[OptionsDict],
) -> "Imap":
    """Make an `Imap`, with the arguments of that class."""
    from netmail.clients.imap import Imap  # noqa: PLC0415 -- only the client that is used

    return Imap(options, limits=limits, on_event=on_event, **keywords)
