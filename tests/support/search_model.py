"""What a server should find: search keys evaluated on messages in Python.

This file knows the keys that `support.queries` makes, and no server.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.header import Header

from hypothesis import strategies as st

from netmail import search as S  # noqa: N812
from netmail.wire.imap.search_key import AllOf, AnyOf, Key, Prefixed, tokens_of
from netmail.wire.imap.sequence_set import expand
from support.queries import combined


@dataclass(frozen=True)
class Stored:
    """A message in a mailbox."""

    uid: int
    subject: str
    sender: str
    flags: frozenset[str]
    received: date
    sent: date
    body: str

    @property
    def octets(self) -> bytes:
        """The message, as it is appended."""
        charset = None if self.subject.isascii() else "utf-8"
        lines = [
            f"Subject: {Header(self.subject, charset).encode()}",
            f"From: {self.sender}",
            f"Date: {noon(self.sent):%a, %d %b %Y %H:%M:%S +0000}",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            self.body,
        ]
        return "\r\n".join([*lines, ""]).encode()

    @property
    def moment(self) -> datetime:
        """When it arrived."""
        return noon(self.received)


def noon(day):
    """The middle of a day, which is the same day in most time zones."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def stored(number, line, received, sent, body="text"):
    """A message; its sender, flags and subject are given as one text."""
    sender, flags, subject = line.split(" | ")
    address = f"{sender}@example.test"
    return Stored(number, subject, address, frozenset(flags.split()), received, sent, body)


MESSAGES = [
    stored(1, "ann |  | Lunch", date(2024, 1, 1), date(2023, 12, 31)),
    stored(2, r"bob | \Seen | Re: lunch", date(2024, 2, 29), date(2024, 2, 28)),
    stored(3, r"ann | \Flagged | Grüße", date(2024, 3, 1), date(2024, 3, 1)),
    stored(4, r'eve | \Seen \Deleted | a "b" c', date(2024, 3, 2), date(2024, 3, 2)),
    stored(5, r"bob | \Draft | back\slash", date(2025, 6, 1), date(2025, 6, 1)),
    stored(6, r"ann | \Answered work | long", date(2026, 1, 1), date(2026, 1, 1), "x " * 2000),
    stored(7, r"ni | \Seen work | 日本", date(2026, 1, 2), date(2026, 1, 2)),
]
TEXTS = ["lunch", "LUNCH", "ann", "bob@", "Grüße", 'a "b"', "\\", "本", "nothing", "ong", "é"]
DAYS = sorted({each.received for each in MESSAGES} | {each.sent for each in MESSAGES})
KEYS = st.one_of(
    st.sampled_from([S.all_(), S.seen(), S.unseen(), S.deleted(), S.undeleted(), S.flagged()]),
    st.sampled_from([S.unflagged(), S.draft(), S.undraft(), S.answered(), S.unanswered()]),
    st.builds(S.subject, st.sampled_from(TEXTS)),
    st.builds(S.from_, st.sampled_from(["ann", "BOB@", "example", "nobody"])),
    st.builds(S.header, st.just("Subject"), st.sampled_from(TEXTS)),
    st.builds(S.before, st.sampled_from(DAYS)),
    st.builds(S.on, st.sampled_from(DAYS)),
    st.builds(S.since, st.sampled_from(DAYS)),
    st.builds(S.sent_before, st.sampled_from(DAYS)),
    st.builds(S.sent_on, st.sampled_from(DAYS)),
    st.builds(S.sent_since, st.sampled_from(DAYS)),
    st.builds(S.larger, st.integers(100, 5_000)),
    st.builds(S.smaller, st.integers(100, 5_000)),
    st.builds(S.uid, st.sets(st.integers(1, 9), max_size=4)),
    st.builds(S.keyword, st.just("work")),
    st.builds(S.unkeyword, st.just("work")),
)
QUERIES = combined(KEYS)


def repeats(query):
    """Tell whether a query has a key twice, whatever number, day or negation it is with."""
    names = [
        token.text.removeprefix("UN") if token.text.isalpha() else ""
        for token in tokens_of(query)
        if not token.is_string and token.text not in {"OR", "NOT", "SUBJECT", "FROM", "HEADER"}
    ]
    texts = [token.text for token in tokens_of(query) if token.is_string]
    once = [name for name in names if name] + texts
    return len(once) != len(set(once))


def found(query, first=1):
    """List the UIDs that a query finds in a mailbox whose first message has that UID."""
    placed = [replace(each, uid=each.uid + first - 1) for each in MESSAGES]
    return [each.uid for each in placed if matches(query, each)]


def matches(query, message):
    """Tell whether a query finds a message."""
    match query:
        case AllOf(keys=keys):
            return all(matches(key, message) for key in keys)
        case AnyOf(keys=keys):
            return any(matches(key, message) for key in keys)
        case Prefixed(name="NOT", key=key):
            return not matches(key, message)
        case Key(tokens=((name, _), *arguments)):
            return _matches_key(name, [text for text, _ in arguments], message)
    raise AssertionError(query)


def _matches_key(name, arguments, message):
    flag = f"\\{name.removeprefix('UN').capitalize()}"
    days = {"SENT": message.sent, "": message.received}
    size = len(message.octets)
    match name, *arguments:
        case ["ALL"]:
            return True
        case ["KEYWORD" | "UNKEYWORD", keyword]:
            return (keyword in message.flags) == (name == "KEYWORD")
        case [_]:
            return (flag in message.flags) != name.startswith("UN")
        case ["SUBJECT", text] | ["HEADER", "Subject", text]:
            return text.lower() in message.subject.lower()
        case ["FROM", text]:
            return text.lower() in message.sender
        case ["LARGER", number]:
            return size > int(number)
        case ["SMALLER", number]:
            return size < int(number)
        case ["UID", uids]:
            return message.uid in (expand(uids) or ())
        case [_, day]:
            moment = datetime.strptime(day, "%d-%b-%Y").replace(tzinfo=UTC).date()
            own = days[name.removesuffix("BEFORE").removesuffix("ON").removesuffix("SINCE")]
            if name.endswith("BEFORE"):
                return own < moment
            return own == moment if name.endswith("ON") else own >= moment
    raise AssertionError(name)
