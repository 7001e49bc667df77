"""Conversations that are run again where a connection was lost: they change nothing.

This file must not know a protocol, nor which conversations these are: the client's method says so.
"""

from collections.abc import Callable, Iterator
from functools import partial
from logging import DEBUG
from typing import ParamSpec, TypeVar

from netmail.curl.calls import (
    Steps,
    call,
    finish,
    measured,
    next_values,
    open_stream,
    refuse_late,
    replace_lost,
    wait_for_next,
)
from netmail.curl.connection import Connection
from netmail.curl.pump import pump
from netmail.errors import ConnectionLost
from netmail.flows.file_target import Target
from netmail.flows.flow import Flow, Piece, StreamingFlow
from netmail.flows.streaming import Streaming

P = ParamSpec("P")
T = TypeVar("T")


def repeatable(
    connection: Connection, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> Callable[[], T]:
    """Return what makes a conversation as often as it is run.

    An iterator among the arguments, such as a generator of UIDs, is read here: the second
    conversation would find it at its end.
    """
    if connection.options.reconnect is None:
        return partial(make, *args, **kwargs)
    kept = partial(make, *args, **kwargs)
    named = {name: _kept(each) for name, each in kept.keywords.items()}
    return partial(kept.func, *map(_kept, kept.args), **named)


def _kept(value: object) -> object:
    return tuple(value) if isinstance(value, Iterator) else value


def call_again(
    connection: Connection, make: Callable[P, Flow[T]], *args: P.args, **kwargs: P.kwargs
) -> Steps[T]:
    """Do as `call()`; with the option `reconnect`, once more for each connection that is lost.

    Args:
        connection: The connection.
        make: Makes the conversation.
        *args: Its arguments.
        **kwargs: Its arguments by name.

    Raises:
        BusyError: If another thread or task uses the connection.
        NetmailError: What connecting or the conversation raises, after the last attempt.
    """
    policy = connection.options.reconnect
    if policy is None:
        return call(connection, make(*args, **kwargs))
    return _call_again(connection, repeatable(connection, make, *args, **kwargs), policy.delays())


def _call_again(
    connection: Connection, make: Callable[[], Flow[T]], delays: Iterator[float]
) -> Steps[T]:
    if connection.keeper is not None:
        yield from connection.keeper.finished()
    connection.acquire()
    try:
        refuse_late(connection)
        if connection.streaming is not None:
            yield from finish(connection)
        while True:
            yield from replace_lost(connection, delays)
            if (stream := connection.new_stream()) is not None:
                yield from open_stream(connection, stream)
            run = measured if connection.observer.reporter(DEBUG) else pump
            try:
                return (yield from run(connection, make()))
            except ConnectionLost as error:
                yield from wait_for_next(connection, error, delays)
    finally:
        connection.release()


def first_values(
    connection: Connection, streaming: Streaming[T], make: Callable[[], StreamingFlow[T]]
) -> Steps[tuple[Streaming[T], list[T]]]:
    """Run a conversation up to its first values; begin it again where the connection is lost.

    Args:
        connection: The connection.
        streaming: The conversation, not begun.
        make: Makes another one.

    Returns:
        The conversation that the values are of, and the values; none at its end.

    Raises:
        NetmailError: As `next_values()`, after the last attempt.
    """
    policy = connection.options.reconnect
    if policy is None:
        return streaming, (yield from next_values(connection, streaming))
    delays: Iterator[float] | None = None
    while True:
        try:
            return streaming, (yield from next_values(connection, streaming, delays=delays))
        except ConnectionLost as error:
            delays = delays or policy.delays()
            yield from wait_for_next(connection, error, delays)
            # The waiting caller may have left it meanwhile, from another thread.
            streaming.refuse_if_left()
        streaming = Streaming(make())


def download(
    connection: Connection,
    make: Callable[[int], StreamingFlow[Piece]],
    target: Target,
    *,
    resumes: bool,
) -> Steps[int]:
    """Write what a conversation hands over to a target; return the octets of the whole.

    Where that fails the target keeps what it has, and the conversation is left. With the option
    `reconnect` a lost connection is made again.

    Args:
        connection: The connection.
        make: Makes the conversation that begins at an offset.
        target: The target.
        resumes: Whether it can begin where the target ends; if not, it is not run again once there
            is something in the target.

    Raises:
        OSError: If the target cannot be written.
        NetmailError: As `next_values()`, after the last attempt.
    """
    begin, policy = target.done, connection.options.reconnect
    streaming = Streaming(make(begin))
    delays: Iterator[float] | None = None
    try:
        while True:
            try:
                while pieces := (yield from next_values(connection, streaming, delays=delays)):
                    for piece in pieces:
                        target.write(piece.data, piece.total)
            except ConnectionLost as error:
                if policy is None or (target.done != begin and not resumes):
                    raise
                delays = delays or policy.delays()
                yield from wait_for_next(connection, error, delays)
                streaming = Streaming(make(target.done))
            else:
                return target.done
    finally:
        streaming.is_left = not streaming.has_ended
        target.close()
