"""Which mailboxes a database has tables of, and which of them a query is about.

This file knows names, expressions and what is known of the server, and asks nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Final

from netmail import MailboxInfo, UsageError
from netmail.query.expressions import Every, Expression, table_of
from netmail.query.finding import Query
from netmail.query.planning.knowledge import Knowledge
from netmail.query.table import TableFields
from netmail.query.tables import given_names, special_uses, table_names

ALL: Final = "all"
"""The table of all mailboxes."""


class Scope:
    """The tables of a database.

    Args:
        zone: The zone of dates; `None` for the machine's.

    Attributes:
        mailboxes: The mailbox of each table.
        uses: The mailbox of each use, such as "sent".
        knowledge: What is known of the server.
    """

    def __init__(self, zone: tzinfo | None) -> None:
        self.mailboxes: dict[str, str] = {}
        self.uses: dict[str, str] = {}
        self.knowledge = Knowledge()
        self._zone = zone

    def define(self, found: Iterable[MailboxInfo], names: Mapping[str, str] | None) -> None:
        """Take the tables from what the server lists, or from what a caller gives."""
        if names is not None:
            self.mailboxes = given_names(names)
            return
        listed = [info for info in found if info.is_selectable]
        self.mailboxes = table_names(info.name for info in listed)
        self.uses = special_uses(listed)

    def name_of(self, wanted: str) -> str:
        """Return the name of a table, by that name, a mailbox's name, or a use.

        Raises:
            KeyError: If there is none.
        """
        if not self.mailboxes:
            raise UsageError("call define_tables() first: it lists the mailboxes")
        # A mailbox that is called "sent" comes before one that is made for what was sent.
        if wanted == ALL or wanted in self.mailboxes:
            return wanted
        mailbox = self.uses.get(wanted, wanted)
        for name, each in self.mailboxes.items():
            if each == mailbox:
                return name
        raise KeyError(wanted)

    def query(self, given: Expression | TableFields, *, as_server: bool = False) -> Query:
        """Return what is wanted, of which mailboxes.

        Raises:
            UsageError: If it is no expression, or is about no table or several.
        """
        expression = Every(given.name) if isinstance(given, TableFields) else given
        if not isinstance(expression, Expression):
            raise UsageError(f"a query is an expression or a table, not {given!r:.60}")
        name = table_of(expression)
        if name != ALL and name not in self.mailboxes:
            raise UsageError(f"there is no table {name!r}" if name else "the query has no table")
        every = dict.fromkeys(self.mailboxes.values())
        mailboxes = tuple(every) if name == ALL else (self.mailboxes[name],)
        names = {mailbox: table for table, mailbox in self.mailboxes.items()}
        return Query(expression, mailboxes, self.knowledge, self._zone, as_server, names)
