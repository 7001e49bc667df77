"""The mailboxes of an account as tables, for asyncio.

This file knows the names of tables, and hands queries on.
"""

from collections.abc import Mapping
from datetime import tzinfo
from types import TracebackType
from typing import Self

from netmail import AsyncImap, MailboxInfo
from netmail.query.async_driver import AsyncDriver
from netmail.query.async_selection import AsyncSelection
from netmail.query.expressions import Expression
from netmail.query.rows import Row
from netmail.query.scope import ALL, Scope
from netmail.query.table import TableFields
from netmail.query.tables import TableNames


class AsyncTable(TableFields):
    """The messages of one mailbox, or of all: its fields make expressions, and `table[uid]` a row.

    `TableFields` lists the fields.
    """

    def __init__(self, database: "AsyncDatabase", name: str, mailbox: str) -> None:
        super().__init__(name, mailbox)
        self._database = database

    async def __getitem__(self, uid: int) -> Row | None:
        """Read the message with a UID, all fields of it; `None` if there is none."""
        rows = await self._database(self.uid == uid).select()
        return rows.first()


class AsyncDatabase:
    """The mailboxes of an account as tables; `connect_async()` makes one.

        db = netmail.query.connect_async("imaps://user:password@host")
        await db.define_tables()
        unread = await db(db.INBOX.seen == False).count()

    `db.INBOX`, `db["Archive/2026"]` and `db.sent` are tables: by the table's name, the mailbox's
    name, or what the server says that it is for. `db.all` has the messages of all of them.

    Args:
        imap: The client; it is closed with the database.
        zone: The zone of dates, and of datetimes without one; `None` for the machine's.
    """

    def __init__(self, imap: AsyncImap, zone: tzinfo | None = None) -> None:
        self.imap = imap
        self._driver = AsyncDriver(imap)
        self._scope = Scope(zone)

    async def define_tables(self, names: Mapping[str, str] | None = None) -> dict[str, str]:
        """Make a table for each mailbox.

        Args:
            names: The mailbox of each table; `None` to list the mailboxes of the server.

        Returns:
            The mailbox of each table.

        Raises:
            UsageError: If a name is no identifier.
        """
        found: list[MailboxInfo] = []
        if names is None:
            # The server's name, which tells what its searches find, costs nothing beside the list.
            async with self.imap.pipeline() as pipeline:
                listed, identity = pipeline.list_mailboxes(), pipeline.id()
            found = listed.result()
            self._scope.knowledge.identify({} if identity.error else identity.result())
        self._scope.define(found, names)
        return self.mailboxes

    @property
    def mailboxes(self) -> dict[str, str]:
        """The mailbox of each table, by its name on the server."""
        return dict(self._scope.mailboxes)

    @property
    def tables(self) -> TableNames:
        """The names of the tables: to be iterated, or called as in web2py."""
        return TableNames(self._scope.mailboxes)

    @property
    def all(self) -> AsyncTable:
        """The messages of all mailboxes; `row.mailbox` is the one of each."""
        return AsyncTable(self, ALL, "")

    def __getattr__(self, name: str) -> AsyncTable:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no table {name}") from None

    def __getitem__(self, name: str) -> AsyncTable:
        found = self._scope.name_of(name)
        return AsyncTable(self, found, self._scope.mailboxes.get(found, ""))

    def __call__(
        self, query: Expression | TableFields, *, as_server: bool = False
    ) -> AsyncSelection:
        """Return the messages for which an expression holds, or all of a table.

        Args:
            query: The expression, or the table.
            as_server: Whether `content.contains()` and `email.contains()` are what the server's
                own search makes of them (BODY, TEXT), which may be an index of terms, and which
                needs no message to be fetched.

        Raises:
            UsageError: If the expression is about no table, or about several.
        """
        return AsyncSelection(self._driver, self._scope.query(query, as_server=as_server))

    async def aclose(self) -> None:
        """Log out, and close the connection."""
        await self.imap.quit()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.imap.__aexit__(kind, error, trace)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.imap.options.url}: {' '.join(self.tables)}>"
