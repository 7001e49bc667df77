"""Mailboxes as tables: `netmail.query.connect()`, then `db(db.INBOX.seen == False).select()`.

Expressions over fields read, count, flag and delete mail. The result is always what the expression
says: what the server's search decides exactly is left to it, the rest is looked at here.
"""

from netmail.query.async_database import AsyncDatabase as AsyncDatabase
from netmail.query.async_database import AsyncTable as AsyncTable
from netmail.query.async_selection import AsyncSelection as AsyncSelection
from netmail.query.connecting import connect as connect
from netmail.query.connecting import connect_async as connect_async
from netmail.query.database import Database as Database
from netmail.query.database import Table as Table
from netmail.query.expressions import Expression as Expression
from netmail.query.fields import AddressField as AddressField
from netmail.query.fields import DateField as DateField
from netmail.query.fields import Descending as Descending
from netmail.query.fields import Field as Field
from netmail.query.fields import FlagField as FlagField
from netmail.query.fields import KeywordField as KeywordField
from netmail.query.fields import ListField as ListField
from netmail.query.fields import NumberField as NumberField
from netmail.query.fields import TextField as TextField
from netmail.query.rows import Row as Row
from netmail.query.rows import Rows as Rows
from netmail.query.selection import Selection as Selection
from netmail.query.table import TableFields as TableFields
from netmail.query.tables import TableNames as TableNames
from netmail.query.values import Addresses as Addresses

__all__ = [
    "AddressField",
    "Addresses",
    "AsyncDatabase",
    "AsyncSelection",
    "AsyncTable",
    "Database",
    "DateField",
    "Descending",
    "Expression",
    "Field",
    "FlagField",
    "KeywordField",
    "ListField",
    "NumberField",
    "Row",
    "Rows",
    "Selection",
    "Table",
    "TableFields",
    "TableNames",
    "TextField",
    "connect",
    "connect_async",
]
