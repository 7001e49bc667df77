# Written by scripts/twins from async_selection.py: edit that file, not this one.
"""The messages that a query is about: counted, read, changed.

This file knows which flow does what; the flows know how.
"""

from collections.abc import Iterable, Iterator, Sequence

from netmail.query import changes, reading
from netmail.query.driver import Driver
from netmail.query.expressions import table_of
from netmail.query.fields import Descending, Field
from netmail.query.finding import Query, prepare
from netmail.query.requests import RowFlow
from netmail.query.rows import Row, Rows, checked_limit
from netmail.query.table import TableFields, field_names, order_of

OrderBy = Field | Descending | str | Sequence[Field | Descending | str]


class Selection:
    """The messages for which an expression holds; nothing is sent before a method asks for it.

    What is known of them is what the server has at that moment: each call asks again.
    """

    def __init__(self, driver: Driver, query: Query) -> None:
        self._driver = driver
        self._query = query

    def count(self) -> int:
        """Count the messages; where the server can decide, none is fetched."""
        return self._driver.run(reading.count(self._query))

    def isempty(self) -> bool:
        """Tell whether there is no such message."""
        for _ in self._driver.rows(reading.rows(self._query, ["uid"], 0, 1, [])):
            return False
        return True

    def select(
        self,
        *fields: Field | str,
        limitby: tuple[int, int] | None = None,
        orderby: OrderBy | None = None,
    ) -> Rows:
        """Read fields of the messages, the newest first; no message becomes read by it.

        Args:
            *fields: The fields, by themselves or by name ("INBOX.uid"); none for all.
            limitby: The first row, from 0, and the one after the last; `None` for all.
            orderby: A field, `~field` for the largest first, or several.

        Raises:
            UsageError: If a field is another table's.
            CapabilityError: If `modseq` is wanted, and the server has no CONDSTORE.
        """
        flow = self._rows(fields, limitby, orderby)
        return Rows([row for row in self._driver.rows(flow)])

    def iterselect(
        self,
        *fields: Field | str,
        limitby: tuple[int, int] | None = None,
        orderby: OrderBy | None = None,
    ) -> Iterator[Row]:
        """Read as `select()` does, a batch at a time, each row handed over as soon as it is there.

        Between two rows the connection may be used for something else.
        """
        return self._driver.rows(self._rows(fields, limitby, orderby))

    def update(
        self,
        *,
        answered: bool | None = None,
        deleted: bool | None = None,
        draft: bool | None = None,
        flagged: bool | None = None,
        seen: bool | None = None,
        keywords: Iterable[str] | None = None,
    ) -> int:
        """Change flags of the messages.

        Args:
            answered: Whether they are to be flagged so; `None` leaves the flag as it is.
            deleted: The same of this flag; `delete()` deletes for good.
            draft: The same of this flag.
            flagged: The same of this flag.
            seen: The same of this flag.
            keywords: The keywords that they are to have, and no others; `None` leaves theirs.

        Returns:
            How many messages there are.

        Raises:
            UsageError: If nothing is to be changed.
        """
        flags = {
            "answered": answered,
            "deleted": deleted,
            "draft": draft,
            "flagged": flagged,
            "seen": seen,
        }
        made = changes.flag_changes(flags, keywords)
        return self._driver.run(changes.update(self._query, made))

    def delete(self) -> int:
        r"""Delete the messages for good, and no others that are flagged \Deleted.

        Returns:
            How many there were.

        Raises:
            CapabilityError: If the server has no UIDPLUS; nothing is done then.
        """
        return self._driver.run(changes.delete(self._query))

    def move(self, table: TableFields | str) -> int:
        """Move the messages to another table, or to a mailbox by its name.

        Returns:
            How many there were; those that are there already are not counted.

        Raises:
            CapabilityError: If the server has neither MOVE nor UIDPLUS; nothing is done then.
            ImapError: If there is no such mailbox.
        """
        flow = changes.transfer(self._query, "move", _mailbox(table))
        return self._driver.run(flow)

    def copy(self, table: TableFields | str) -> int:
        """Copy the messages to another table, or to a mailbox by its name.

        Returns:
            How many there were.

        Raises:
            ImapError: If there is no such mailbox.
        """
        flow = changes.transfer(self._query, "copy", _mailbox(table))
        return self._driver.run(flow)

    def explain(self) -> str:
        """Show what is sent for it, what is decided here, and how many round trips that takes.

        It asks the server what the plan depends on, as the other methods do: once in a session.
        """
        return str(self._driver.run(prepare(self._query)))

    def _rows(
        self,
        fields: Sequence[Field | str],
        limitby: tuple[int, int] | None,
        orderby: OrderBy | None,
    ) -> RowFlow:
        table = table_of(self._query.expression)
        first, last = checked_limit(limitby)
        names, order = field_names(fields, table), order_of(orderby, table)
        return reading.rows(self._query, names, first, last, order)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._query.expression!r}>"


def _mailbox(table: TableFields | str) -> str:
    return table if isinstance(table, str) else table.mailbox
