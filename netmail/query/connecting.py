"""The functions that make a database of mailboxes: `connect()` and `connect_async()`.

This file must not know more than which client each makes.
"""

from datetime import tzinfo
from typing import Unpack

from netmail import AsyncImap, Imap, OptionsDict, OptionsSource
from netmail.query.async_database import AsyncDatabase
from netmail.query.database import Database


def connect(
    options: OptionsSource = None,
    /,
    *,
    zone: tzinfo | None = None,
    **keywords: Unpack[OptionsDict],
) -> Database:
    """Make a database of an account's mailboxes; nothing is sent before it is first used.

    Args:
        options: A URL such as "imaps://user:password@host", or what else `Imap` takes.
        zone: The zone of dates, and of datetimes without one; `None` for the machine's.
        **keywords: Options by name, as for `Imap`.

    Raises:
        UsageError: If an option is wrong.
    """
    return Database(Imap(options, **keywords), zone)


def connect_async(
    options: OptionsSource = None,
    /,
    *,
    zone: tzinfo | None = None,
    **keywords: Unpack[OptionsDict],
) -> AsyncDatabase:
    """Make a database of an account's mailboxes for asyncio, with the arguments of `connect()`."""
    return AsyncDatabase(AsyncImap(options, **keywords), zone)
