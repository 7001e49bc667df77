"""Every argument of every method of the IMAP client that makes a command, and what it is for.

The methods and their parameters are read from the signatures. A parameter of a new name is given
its kind here; tests of what an argument may hold then call its method too.
"""

import inspect
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from netmail.clients.client import Client
from netmail.clients.imap import Imap
from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from support.replay import collected


class Kind(Enum):
    """What an argument is."""

    MAILBOX = auto()
    PATTERN = auto()
    UIDS = auto()
    FLAGS = auto()
    STATUS_ITEMS = auto()
    STORE_ITEM = auto()
    QUERY = auto()
    COMMAND = auto()
    MESSAGE = auto()
    MESSAGES = auto()
    DATE = auto()
    FETCH_ITEMS = auto()
    ITEMS_BY_UID = auto()
    SECTION = auto()
    OFFSET = auto()
    LOCAL = auto()
    """What never reaches a server."""
    USE = auto()
    TEXT = auto()
    RIGHTS = auto()
    LIMITS = auto()
    ENTRIES = auto()
    ENTRY_VALUES = auto()
    FIELDS = auto()
    EXTENSIONS = auto()
    SORT_KEYS = auto()
    ALGORITHM = auto()
    LANGUAGES = auto()
    DEPTH = auto()
    SIZE = auto()
    RESULT = auto()
    MAILBOXES = auto()
    SCOPES = auto()
    PATTERNS = auto()
    EVENTS = auto()


KINDS = {
    "algorithm": Kind.ALGORITHM,
    "attrs": Kind.STATUS_ITEMS,
    "criteria": Kind.SORT_KEYS,
    "date": Kind.DATE,
    "depth": Kind.DEPTH,
    "destination": Kind.MAILBOX,
    "entries": Kind.ENTRIES,
    "events": Kind.EVENTS,
    "extensions": Kind.EXTENSIONS,
    "fields": Kind.FIELDS,
    "flags": Kind.FLAGS,
    "folder": Kind.MAILBOX,
    "folders": Kind.MAILBOXES,
    "items": Kind.FETCH_ITEMS,
    "offset": Kind.OFFSET,
    "progress": Kind.LOCAL,
    "section": Kind.SECTION,
    "target": Kind.LOCAL,
    "id": Kind.UIDS,
    "limits": Kind.LIMITS,
    "max_size": Kind.SIZE,
    "message": Kind.MESSAGE,
    "metadata": Kind.ENTRIES,
    "messages": Kind.MESSAGES,
    "name": Kind.MAILBOX,
    "new_name": Kind.MAILBOX,
    "old_name": Kind.MAILBOX,
    "parts": Kind.MESSAGES,
    "path": Kind.MAILBOX,
    "pattern": Kind.PATTERN,
    "query": Kind.QUERY,
    "result": Kind.RESULT,
    "status": Kind.STATUS_ITEMS,
    "rights": Kind.RIGHTS,
    "root": Kind.TEXT,
    "tags": Kind.LANGUAGES,
    "uid": Kind.UIDS,
    "uids": Kind.UIDS,
    "use": Kind.USE,
    "user": Kind.TEXT,
    "values": Kind.ENTRY_VALUES,
}
# What chooses among commands or results, and is no text in a command: everywhere, or in one method.
NOT_SENT = {
    *(
        "after",
        "also",
        "all",
        "atomic",
        "list_mailboxes.parents",
        "list_mailboxes.remote",
        "list_mailboxes.rights",
        "changed_since",
        "condstore",
        "means",
        "unchanged_since",
        "state",
        "cancel_update.result",
        "notify.status",
        "notify.selected",
        "notify.subtree",
        "partial",
        "password",
        "poll",
        "qresync",
        "reconnect",
        "renew",
        "subscribed",
        "timeout",
        "vanished",
    ),
    "username",
}
# Where one name means different things.
EXCEPTIONS = {
    ("exec", "command"): Kind.COMMAND,
    ("fetch_each", "items"): Kind.ITEMS_BY_UID,
    ("list", "name"): Kind.PATTERN,
    ("list_mailboxes", "name"): Kind.PATTERN,
    ("list_mailboxes", "pattern"): Kind.PATTERNS,
    ("lsub", "name"): Kind.PATTERN,
    ("notify", "folders"): Kind.SCOPES,
    ("store", "command"): Kind.STORE_ITEM,
}
HARMLESS = {
    Kind.MAILBOX: "harmless",
    Kind.PATTERN: "harmless",
    Kind.UIDS: 1,
    Kind.FLAGS: ["harmless"],
    Kind.STATUS_ITEMS: ["HARMLESS"],
    Kind.STORE_ITEM: "FLAGS",
    Kind.QUERY: "SUBJECT harmless",
    Kind.COMMAND: "NOOP",
    Kind.MESSAGE: b"harmless",
    Kind.MESSAGES: (b"harmless",),
    Kind.DATE: None,
    Kind.FETCH_ITEMS: "HARMLESS",
    Kind.ITEMS_BY_UID: {1: "HARMLESS"},
    Kind.SECTION: "TEXT",
    Kind.OFFSET: 5,
    Kind.LOCAL: io.BytesIO(),
    Kind.USE: "archive",
    Kind.TEXT: "harmless",
    Kind.RIGHTS: "lrs",
    Kind.LIMITS: {"HARMLESS": 1},
    Kind.ENTRIES: ["/harmless"],
    Kind.ENTRY_VALUES: {"/a": "harmless"},
    Kind.FIELDS: {"x": "harmless"},
    Kind.EXTENSIONS: ["HARMLESS"],
    Kind.SORT_KEYS: ["DATE"],
    Kind.ALGORITHM: "HARMLESS",
    Kind.LANGUAGES: ["harmless"],
    Kind.DEPTH: "1",
    Kind.SIZE: 1,
    Kind.RESULT: "count",
    Kind.MAILBOXES: "harmless",
    Kind.SCOPES: "harmless",
    Kind.PATTERNS: "harmless",
    Kind.EVENTS: "MailboxName",
}
# What the other arguments of a call are, so that none of them is taken for the tested one.
OTHERS = {
    **HARMLESS,
    Kind.MAILBOX: "other",
    Kind.MAILBOXES: "INBOX",
    Kind.QUERY: "SUBJECT other",
    Kind.SCOPES: "other",
    Kind.FLAGS: ["other"],
    Kind.STATUS_ITEMS: ["OTHER"],
    Kind.MESSAGE: b"other",
    Kind.MESSAGES: (b"other",),
    Kind.FETCH_ITEMS: "OTHER",
    Kind.ITEMS_BY_UID: {1: "OTHER"},
    Kind.TEXT: "other",
    Kind.ENTRIES: ["/other"],
    Kind.ENTRY_VALUES: {"/a": "other"},
}


@dataclass(frozen=True)
class Argument:
    """A method, and the parameter that a test is about."""

    method: str
    parameter: str

    @property
    def kind(self) -> Kind | None:
        """What the argument is; `None` where the tables above do not tell."""
        return EXCEPTIONS.get((self.method, self.parameter)) or KINDS.get(self.parameter)

    @property
    def takes_none(self) -> bool:
        """Whether the method documents `None` by its default."""
        return _signature(self.method)[self.parameter].default is None

    def flow(self, session: ImapSession, value: object) -> Flow[object]:
        """Return the flow of the method with a value for the parameter."""
        required = {
            other.parameter: OTHERS[other.kind]
            for other in arguments_of(self.method)
            if _signature(self.method)[other.parameter].default is inspect.Parameter.empty
        }
        return getattr(FlowsOnly(session), self.method)(**{**required, self.parameter: value})

    def __str__(self) -> str:
        return f"{self.method}-{self.parameter}"


class FlowsOnly(Imap):
    """The client, but it returns a method's flow instead of running it."""

    def __init__(self, session: ImapSession) -> None:
        super().__init__(session.options)
        self._session = session

    def _run(self, flow, *, reconnect=False):
        return flow

    def _stream(self, flow):
        return collected(flow)

    def _read(self, make, *args, **kwargs):
        return self._run(make(*args, **kwargs))

    def _read_many(self, make, *args, **kwargs):
        return self._stream(make(*args, **kwargs))

    def _download(self, make, target, *, resumes):
        return collected(make(target.done))

    def _follow(self, following, _retry):
        return collected(following.step())


def arguments_of(method: str) -> Iterator[Argument]:
    """Yield a method's arguments."""
    for parameter in _signature(method):
        if not {parameter, f"{method}.{parameter}"} & {"self", *NOT_SENT}:
            yield Argument(method, parameter)


def _signature(method: str) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(getattr(Imap, method)).parameters)


METHODS = sorted(
    name
    for name, member in inspect.getmembers(Imap, inspect.isfunction)
    if not name.startswith("_") and not hasattr(Client, name)
)
ARGUMENTS = [argument for method in METHODS for argument in arguments_of(method)]


UNKNOWN = [argument for argument in ARGUMENTS if argument.kind is None]
"""Arguments to be added to the tables above, without which their methods cannot be called."""


def of_kind(*kinds: Kind) -> list[Argument]:
    """List the arguments of these kinds."""
    unknown = {argument.method for argument in UNKNOWN}
    return [each for each in ARGUMENTS if each.kind in kinds and each.method not in unknown]
