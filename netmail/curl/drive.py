"""Run flows and wait by blocking the thread.

This file knows how to wait, and nothing else; `drive_async` is its twin.
"""

import select
from collections.abc import Generator
from typing import TypeVar

from netmail.curl.connection import CurlHandle, Link, closed
from netmail.curl.pump import Ready, Wait, leave_if_ended, pump
from netmail.errors import NetmailError
from netmail.flows.flow import Flow

T = TypeVar("T")

LONGEST_WAIT = 3600.0
"""Seconds of one wait, lest the milliseconds of a long timeout overflow; the pump waits again."""

_EVENTS = {
    Ready.READ: select.POLLIN,
    Ready.WRITE: select.POLLOUT,
    Ready.READ | Ready.WRITE: select.POLLIN | select.POLLOUT,
}


def drive(link: Link, flow: Flow[T], *, afresh: bool = False) -> T:
    """Dial if that was not done yet, and run `flow`.

    Args:
        link: The connection.
        flow: The conversation.
        afresh: Whether to dial anew also if the server has closed meanwhile: for a flow that needs
            nothing of what was said before.

    Raises:
        BusyError: If another thread uses the link.
        NetmailError: What the dial or the flow raises.
    """
    with link.claimed():
        if afresh:
            leave_if_ended(link)
        _open(link)
        return _turn(link, pump(link, flow))


def connect(link: Link) -> None:
    """Dial now, anew if need be."""
    with link.claimed():
        link.renew()
        _open(link)


def leave(link: Link, *, politely: bool) -> None:
    """End the connection, with a goodbye if `politely` and if there is anybody to hear it."""
    with link.claimed():
        try:
            if politely and link.is_open:
                _turn(link, pump(link, link.talk.quit()))
        finally:
            link.drop(closed())


def probe(link: Link) -> NetmailError | None:
    """Dial, say NOOP and leave; return what went wrong, if anything did."""
    try:
        drive(link, link.talk.noop())
        leave(link, politely=True)
    except NetmailError as error:
        return error
    finally:
        link.drop(closed())
    return None


def handle(link: Link) -> CurlHandle:
    """Return the handle of the connection, dialling if there is none."""
    with link.claimed():
        _open(link)
        return link.opened.handle


def _open(link: Link) -> None:
    stream = link.new_stream()
    if stream is None:
        return
    dialled = stream.dial()
    link.stream = stream
    try:
        _turn(link, pump(link, link.talk.open(dialled)))
    except BaseException:
        link.drop(None)
        raise


def _turn(link: Link, pumping: Generator[Wait, None, T]) -> T:
    try:
        wait = next(pumping)
        while True:
            try:
                _block(link, wait)
            except BaseException as interrupt:  # noqa: BLE001 -- Ctrl-C, which the flow must hear
                pumping.throw(interrupt)
            wait = next(pumping)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        pumping.close()


def _block(link: Link, wait: Wait) -> None:
    poll = select.poll()
    poll.register(link.opened.fileno(), _EVENTS[wait.ready])
    poll.poll(min(wait.seconds, LONGEST_WAIT) * 1000 + 1)
