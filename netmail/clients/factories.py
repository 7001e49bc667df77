"""`netmail.smtp()`, `netmail.pop3()`, `netmail.imap()`: Blade's factories.

This file knows only which class each makes.
"""

from collections.abc import Mapping
from typing import Unpack

from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.clients.transport import Transport
from netmail.limits import ServerLimits
from netmail.options.options import Options, OptionsDict


def smtp(
    options: Options | Mapping[str, object] | str | None = None,
    /,
    *,
    limits: ServerLimits | None = None,
    **keywords: Unpack[OptionsDict],
) -> Transport:
    """Make a `Transport`; nothing is dialled yet.

    Args:
        options: A dictionary as in Blade, a URL such as "smtp://user:password@host:587", or
            `Options`.
        limits: How much the server may send; `None` for the defaults of `ServerLimits`.
        **keywords: The same options by name; they win.

    Raises:
        UsageError: If an option is unknown, wrong, or contradicts another.
    """
    return Transport(options, limits=limits, **keywords)


def pop3(
    options: Options | Mapping[str, object] | str | None = None,
    /,
    *,
    limits: ServerLimits | None = None,
    **keywords: Unpack[OptionsDict],
) -> POP3:
    """Make a `POP3`; nothing is dialled yet.

    Args:
        options: A dictionary as in Blade, a URL such as "pop3s://user:password@host", or `Options`.
        limits: How much the server may send; `None` for the defaults of `ServerLimits`.
        **keywords: The same options by name; they win.

    Raises:
        UsageError: If an option is unknown, wrong, or contradicts another.
    """
    return POP3(options, limits=limits, **keywords)


def imap(
    options: Options | Mapping[str, object] | str | None = None,
    /,
    *,
    limits: ServerLimits | None = None,
    **keywords: Unpack[OptionsDict],
) -> Imap:
    """Make an `Imap`; nothing is dialled yet.

    Args:
        options: A dictionary as in Blade, a URL such as "imaps://user:password@host/INBOX", or
            `Options`.
        limits: How much the server may send; `None` for the defaults of `ServerLimits`.
        **keywords: The same options by name; they win.

    Raises:
        UsageError: If an option is unknown, wrong, or contradicts another.
    """
    return Imap(options, limits=limits, **keywords)
