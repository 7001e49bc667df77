"""The mailer: a configuration, the manager and the transport that it names, and messages for them.

This file must not know any manager or transport.
"""

import asyncio
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

from netmail import AddressInput, Message, MessageKeywords, Sendable, UsageError
from netmail.delivery.bound_message import BoundMessage
from netmail.delivery.directives import check_names, nested
from netmail.delivery.errors import MailerNotRunning
from netmail.delivery.mailing import delivered_each, rows_with_recipients
from netmail.delivery.registry import manager_class, transport_class

if TYPE_CHECKING:
    from netmail import MessageResult
    from netmail.delivery.templates import Template


class Mailer:
    """Delivers messages as its configuration says.

        with Mailer({"transport.use": "smtp", "transport.host": "localhost"}) as mailer:
            mailer.new("ann@example.org", "bob@example.org", "Plans", plain="See you.").send()

    Args:
        config: Nested dictionaries, or keys with dots. `manager.use` names the manager,
            `transport.use` the transport; the other keys of both groups are their directives.
            Those of the group `message` are what `new()` begins with.
        prefix: What the keys begin with, such as "mail"; others are left out.

    Raises:
        UsageError: If a key is unknown, missing or wrong; the sentence names the nearest one.
    """

    def __init__(self, config: Mapping[str, object], prefix: str | None = None) -> None:
        tree = nested(config, prefix)
        check_names(tree, ("manager", "message", "transport"), "configuration")
        manager = _group(tree, "manager")
        transport = _group(tree, "transport")
        make = partial(transport_class(transport.get("use")), transport)
        self._make = make
        make()  # a wrong directive is found now, not with the first message
        self._defaults = _group(tree, "message")
        self._manager = manager_class(manager.get("use", "immediate"))(manager, make)
        self._running = False
        self.new()

    @classmethod
    def from_toml(cls, path: str | PathLike[str], prefix: str | None = None) -> Self:
        """Read the configuration from a TOML file.

        Args:
            path: The file.
            prefix: The table that holds it, such as "tool.mail"; `None` for the whole file.

        Raises:
            UsageError: If it is no TOML, or its keys are wrong.
            OSError: If it cannot be read.
        """
        try:
            config = tomllib.loads(Path(path).read_text("utf-8"))
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path} is no TOML file: {error}") from None
        return cls(config, prefix)

    @property
    def running(self) -> bool:
        """Whether it accepts messages."""
        return self._running

    @property
    def manager(self) -> Any:
        """The manager, for what only it has, such as the messages that a queue has parked."""
        return self._manager

    def start(self) -> Self:
        """Start the manager; the transport starts with the first message.

        A mailer that runs already is left as it is.
        """
        if not self._running:
            self._manager.startup()
            self._running = True
        return self

    def stop(self) -> None:
        """Stop: messages that were accepted are delivered first, or their results say what is left.

        It can be started again. A mailer that does not run is left as it is.
        """
        if self._running:
            self._running = False
            self._manager.shutdown()

    async def astop(self) -> None:
        """Stop as `stop()` does, but let the event loop run meanwhile; for every manager.

        If this call is cancelled, the manager `asyncio` gives back what it has not delivered.
        """
        if self._running:
            self._running = False
            shutdown = getattr(self._manager, "ashutdown", None)
            # The other managers join threads: that would block the loop that their callbacks need.
            await (asyncio.to_thread(self._manager.shutdown) if shutdown is None else shutdown())

    def send(self, message: Sendable) -> Any:
        """Hand a message to the manager; later changes to it have no effect.

        Returns:
            What the manager documents: netmail's return a `Future` of the `MessageResult`, or, if
            the manager is `asyncio`, something to be awaited.

        Raises:
            MailerNotRunning: If it was not started, or was stopped.
            DeliveryFailed: If the manager delivers within the call, and nothing was delivered.
        """
        self._check_running()
        if isinstance(message, Message):
            _ = message.id  # generated now: the caller's message has the one that is delivered
            message = message.snapshot()
        return self._manager.deliver(message)

    def new(
        self,
        author: AddressInput | None = None,
        to: AddressInput | None = None,
        subject: str | None = None,
        **fields: Unpack[MessageKeywords],
    ) -> BoundMessage:
        """Make a message that knows this mailer, with the configured fields.

        Args:
            author: As for `Message`; given, it takes the place of the configured one.
            to: As for `Message`, likewise.
            subject: As for `Message`, likewise.
            **fields: As for `Message`, likewise; also `retries`.

        Raises:
            UsageError: If a field is unknown.
            MessageError: If a value is not allowed in a message.
        """
        first = {"author": author, "to": to, "subject": subject}
        given = {name: value for name, value in first.items() if value is not None}
        return BoundMessage(self, **cast("dict[str, Any]", {**self._defaults, **given, **fields}))

    def send_each(
        self, template: "Template", rows: Iterable[Mapping[str, object]]
    ) -> "Iterator[MessageResult]":
        """Send a personalised mailing: a message for each row, made when its turn comes.

            for row, result in zip(readers, mailer.send_each(template, readers), strict=True):
                print(row["to"], result.accepted)

        They are delivered while the results are read, by a transport of their own and not by the
        manager; by SMTP as `netmail.Transport.stream()` does, some ahead of the results. A million
        rows need no more memory than a few.

        Args:
            template: What the messages are made of, beside the configured fields.
            rows: The values of the template's names; `to` is the recipient, or several.

        Returns:
            An iterator of one result for each row, in their order.

        Raises:
            MailerNotRunning: If it was not started, or was stopped.
            UsageError: If a row has no `to`; after the results of the rows before it.
            MessageError: If a row makes no message; likewise.
            DeliveryError: If the transport fails; likewise.
        """
        self._check_running()
        messages = (template.fill(self.new(to=to), row) for to, row in rows_with_recipients(rows))
        return delivered_each(self._make, messages)

    def _check_running(self) -> None:
        if not self._running:
            raise MailerNotRunning("the mailer does not run: call start(), or use it with `with`")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.astop()

    def __repr__(self) -> str:
        state = "running" if self._running else "stopped"
        return f"<{type(self).__name__} {type(self._manager).__name__} {state}>"


def _group(tree: Mapping[str, object], name: str) -> dict[str, object]:
    group = tree.get(name, {})
    if not isinstance(group, dict):
        raise UsageError(f"configuration: {name!r} is a group of keys, not {group!r}")
    return group
