"""Read ahead from what a caller gives: an iterable, or an asynchronous one.

This file must not know what the items are, nor a connection: only when to read no further.
"""

from collections.abc import AsyncIterator, Iterator
from time import monotonic
from typing import Final

from netmail.errors import UsageError
from netmail.flows.flow import Intake

QUICK: Final = 0.1
"""Seconds of reading after which what is there is sent first: a caller may make an item now and
then, and the results of the others must not wait for it."""


def pull(intake: Intake) -> None:
    """Read as much as the intake wants, as long as that is quick; at least one item."""
    items = intake.items
    if isinstance(items, AsyncIterator):
        intake.end(UsageError("an asynchronous iterable needs the asyncio client"))
        return
    end = monotonic() + QUICK
    while intake.wants:
        try:
            item = next(items)
        except StopIteration:
            intake.end()
        except Exception as error:  # noqa: BLE001 -- the caller gets it, after the results
            intake.end(error)
        else:
            intake.add(item)
        if intake.note_late(monotonic() > end):
            return


async def pull_async(intake: Intake) -> None:
    """Do as `pull()`, without a pause of the loop where the iterable needs none."""
    items = intake.items
    if isinstance(items, Iterator):
        pull(intake)
        return
    end = monotonic() + QUICK
    while intake.wants:
        try:
            item = await anext(items)
        except StopAsyncIteration:
            intake.end()
        except Exception as error:  # noqa: BLE001 -- the caller gets it, after the results
            intake.end(error)
        else:
            intake.add(item)
        if intake.note_late(monotonic() > end):
            return
