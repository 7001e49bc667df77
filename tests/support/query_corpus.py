"""Messages for queries: everything in which servers differ, and expressions with plain readings.

This file knows no server. A plain reading is a Python function of a message that was fetched whole;
it shares nothing with the planner but the meaning of the documentation.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from unicodedata import normalize

import netmail
from netmail import Address

SUBJECTS = [
    None,
    b"",
    b"Hello",
    b"Quarterly report",
    b"hello  world",
    b"hello\r\n world",
    b"=?utf-8?q?Hel?=\r\n =?utf-8?q?lo_caf=C3=A9?=",
    "Grüße aus Köln".encode(),
    "Gr\xfc\xdfe".encode("latin-1"),
    b"=?iso-8859-1?q?Stra=DFe?=",
    b"=?utf-8?b?Y2FmZcyB?=",
    b"=?utf-8?q?Hello world?=",
    b"=?x-unknown?q?Hello?=",
    b"=?utf-8?b?SGVsbG8?=",
    b'say "hello" now',
    b"back\\slash \\\\ and (brackets)",
    b"=?utf-8?q?=E2=84=AAelvin?=",
    b"=?utf-8?q?=C4=B0stanbul?=",
    "ΑΣΑΣ ασας".encode(),
    b"100% sure_thing",
    b"Re: hello",
    b"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?= report",
]
SENDERS = [
    None,
    b"ann@example.test",
    b"Ann Lee <ann.lee@example.test>",
    b'"Lee, Ann" <ann@Example.TEST>',
    b"=?utf-8?q?J=C3=BCrgen?= <juergen@example.test>, Bob <bob@other.test>",
    b"bob @ other.test",
    b"Bob (the builder) <bob@other.test>",
    b"Gumby <>",
    b"nobody",
    "Jürgen <juergen@example.test>".encode(),
    b"<@relay.test:eve@example.test>",
]
OTHERS = [
    None,
    b"friends: ann@example.test, bob@other.test;",
    b"undisclosed-recipients:;",
    b"Carol <carol@example.test>, Dan <dan@example.test>",
    b"carol@example.test",
]
DATES = [
    None,
    b"garbage",
    b"Thu, 01 Jan 2026 23:30:00 -0800",
    b"Fri, 02 Jan 2026 00:30:00 +1400",
    b"Fri, 2 Jan 26 10:00 EST",
    b"2 Jan 2026 10:00:00 +0000 (comment)",
    b"2026-01-02 10:00:00",
    b"Fri, 02 jan 2026 10:00:00 GMT",
    b"Sun, 01 Mar 2026 00:00:00 +0000",
    b"Thu, 01 Jan 1970 00:00:00 +0000",
    b"Mon, 31 Dec 2040 23:59:59 +0000",
]
BODIES = [
    (
        b"text/plain; charset=utf-8",
        b"8bit",
        "Hello text, café and Grüße.\r\nOf two lines.".encode(),
    ),
    (b"text/html; charset=utf-8", b"7bit", b"<p>un<b>split</b>word &eacute;t&eacute; hello</p>"),
    (b"text/plain; charset=utf-8", b"base64", b"SGVsbG8gaW5zaWRl"),
    (b"text/plain; charset=iso-8859-1", b"quoted-printable", b"caf=E9 soft=\r\nbreak"),
    (b"application/pdf; name=report.pdf", b"base64", b"SGVsbG8="),
    (
        b"multipart/mixed; boundary=b",
        b"7bit",
        (
            b"--b\r\nContent-Type: text/plain\r\n\r\nfirst part\r\n--b\r\n"
            b"Content-Type: image/png\r\n"
            b"Content-Disposition: attachment; filename=cat.png\r\n\r\nxx\r\n--b--"
        ),
    ),
    (
        b"multipart/mixed; boundary=c",
        b"7bit",
        (
            b"--c\r\nContent-Type: multipart/alternative; boundary=d\r\n\r\n"
            b"--d\r\n\r\nfirst part\r\n--d\r\nContent-Type: text/html\r\n\r\n"
            b"<b>first</b>\r\n--d--\r\n--c\r\nContent-Type: application/pdf; name=Report.PDF"
            b"\r\n\r\n" + b"Hello pdf\r\n" * 1_500 + b"\r\n--c\r\n"
            b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nhello inner\r\n--c--"
        ),
    ),
    (None, None, b"bare"),
]
SPAM = [None, [b"yes"], [b""], [b"no", b"yes"]]
REFERENCES = [None, b"<a@example.test>", b"<a@example.test> <b@example.test>\r\n <c@example.test>"]
LISTS = [None, b"Friends <friends.example.test>", b"<news.example.test>"]
FLAGS = [r"\Seen", r"\Flagged", r"\Answered", r"\Draft", r"\Deleted", "$Junk", "Work"]
HOUR = timedelta(hours=1)


@dataclass
class Made:
    """A message to append.

    Attributes:
        octets: The message.
        flags: Its flags.
        moment: Its internal date.
    """

    octets: bytes
    flags: list[str]
    moment: datetime


def corpus(seed, count):
    """Make messages, each value of each list in some of them."""
    chance = random.Random(seed)
    now = datetime.now(UTC).replace(microsecond=0)
    moments = [
        datetime(2026, 1, 1, 23, 30, tzinfo=timezone(-8 * HOUR)),
        datetime(2026, 1, 2, 0, 30, tzinfo=timezone(14 * HOUR)),
        datetime(2026, 1, 2, 0, 0, tzinfo=UTC),
        datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 1, 2, 12, 0, tzinfo=UTC),
        datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        now - timedelta(minutes=1),
        now - timedelta(minutes=30),
        now - timedelta(hours=20),
        now - timedelta(days=1, minutes=5),
        datetime(1999, 12, 31, tzinfo=UTC),
    ]
    return [
        Made(
            message(chance, number),
            chance.sample(FLAGS, chance.randint(0, 3)),
            moments[number % len(moments)],
        )
        for number in range(count)
    ]


def message(chance, number):
    """Make the octets of a message."""
    kind, encoding, body = BODIES[number % len(BODIES)]
    fields = [
        (b"Subject", [SUBJECTS[number % len(SUBJECTS)]]),
        (b"From", [SENDERS[number % len(SENDERS)]]),
        (b"Date", [DATES[(number + number // len(DATES)) % len(DATES)]]),
        (b"To", [chance.choice(OTHERS)]),
        (b"Cc", [chance.choice(OTHERS)]),
        (b"Bcc", [chance.choice(OTHERS)]),
        (b"In-Reply-To", [chance.choice(REFERENCES)]),
        (b"X-Spam-Flag", chance.choice(SPAM) or [None]),
        (b"References", [chance.choice(REFERENCES)]),
        (b"List-Id", [chance.choice(LISTS)]),
        (b"Message-ID", [chance.choice([None, b"<%d@example.test>" % number])]),
        (b"MIME-Version", [b"1.0"]),
        (b"Content-Type", [kind]),
        (b"Content-Transfer-Encoding", [encoding]),
    ]
    lines = [
        b"%b: %b" % (name, value) if value else name + b":"
        for name, values in fields
        for value in values
        if value is not None
    ]
    padding = b"\r\n" + b"x" * chance.choice([0, 10, 500, 5_000])
    return b"\r\n".join([*lines, b"", body + padding * (encoding != b"base64"), b""])


def fold(text):
    """The form in which texts compare."""
    return normalize("NFC", text).lower()


class Plain:
    """A message that was fetched whole, read plainly."""

    def __init__(self, fetched):
        mail = netmail.parse(fetched.body)
        header = netmail.parse(mail.raw_headers)
        headers = header.headers
        self.uid = self.id = fetched.uid
        self.flags = {flag.lower() for flag in fetched.flags}
        self.keywords = [flag for flag in fetched.flags if flag[0] != "\\"]
        self.size = fetched.size
        self.created = fetched.internal_date
        self.sent = header.date
        self.subject = one(headers.get("subject"))
        self.mime = one(headers.get("content-type"))
        self.list_id = one(headers.get("list-id"))
        self.message_id = one(header.message_id)
        self.spam = one(headers.get("x-spam-flag"))
        self.references = header.references
        self.in_reply_to = header.in_reply_to
        self.bcc = both_forms(header.bcc)
        texts = (part for part in mail.walk() if part.content_type.startswith("text/"))
        self.encoding = one(next((each.charset.lower() for each in texts if each.charset), None))
        self.sender, self.to, self.cc = map(both_forms, (header.from_, header.to, header.cc))
        self.content = list(mail.body.values())
        self.email = [mail.raw.decode("utf-8", "replace")]
        self.filenames = self.attachments = [each.filename or "" for each in mail.attachments]


def one(text):
    """A text as a list; an empty one where it is missing."""
    return [] if text is None else [text]


def both_forms(addresses: list[Address]):
    """Each address with its name, and without."""
    return [form for each in addresses for form in (str(each), each.address)]


class Expressions:
    """Random expressions of a table, each with its plain reading.

    Args:
        table: The table.
        zone: The zone of its days.
        messages: The messages, as `Plain`.
        seed: Where chance begins.
    """

    def __init__(self, table, zone, messages, seed):
        self.table = table
        self.zone = zone
        self.messages = messages
        self.chance = random.Random(seed)

    def make(self, depth=3):
        """Return an expression and a function of a message."""
        pick = self.chance.random() if depth else 1
        if pick < 0.2:
            expression, reading = self.make(depth - 1)
            return ~expression, lambda message: not reading(message)
        if pick < 0.65:
            left, reads_left = self.make(depth - 1)
            right, reads_right = self.make(depth - 1)
            if self.chance.random() < 0.5:
                return left & right, lambda m: reads_left(m) and reads_right(m)
            return left | right, lambda m: reads_left(m) or reads_right(m)
        return self.chance.choice(
            [self.flag, self.number, self.day, self.text, self.text, self.listed, self.keyword]
        )()

    def flag(self):
        """A flag, or not."""
        name = self.chance.choice(["seen", "flagged", "answered", "draft", "deleted"])
        value = self.chance.choice([True, False])
        return getattr(self.table, name) == value, lambda m: (f"\\{name}" in m.flags) is value

    def number(self):
        """A UID or a size."""
        name = self.chance.choice(["uid", "id", "size"])
        own = [getattr(each, name) for each in self.messages]
        near = [number + more for number in own for more in (-1, 0, 1)]
        value = self.chance.choice([*near, 0, -1, max(own) + 99, 1 << 32, 1 << 40])
        if self.chance.random() < 0.2:
            values = self.chance.sample(near, self.chance.randint(0, 4))
            field = getattr(self.table, name)
            return field.belongs(values), lambda m: getattr(m, name) in values
        return self.compared(name, value, lambda number: (number, number))

    def day(self):
        """A day, a time, or none."""
        name = self.chance.choice(["created", "sent"])
        own = [value for each in self.messages if (value := getattr(each, name))]
        if self.chance.random() < 0.1:
            return getattr(self.table, name) == None, lambda m: getattr(m, name) is None  # noqa: E711
        value = self.chance.choice(own) + self.chance.choice([-24, -1, 0, 0, 1, 24]) * HOUR
        value = self.chance.choice([value, value.date(), date(1, 1, 1), date(9999, 12, 30)])
        return self.compared(name, value, self.span)

    def span(self, value):
        """The first and the last moment of a day or of a time."""
        if isinstance(value, datetime):
            return value, value
        first = datetime.combine(value, time(), self.zone)
        return first, datetime.combine(value, time.max, self.zone)

    def compared(self, name, value, span):
        """A number or time in an order."""
        first, last = span(value)
        field = getattr(self.table, name)
        return self.chance.choice(
            [
                (field == value, lambda m: has(m, name, lambda own: first <= own <= last)),
                (field != value, lambda m: not has(m, name, lambda own: first <= own <= last)),
                (field < value, lambda m: has(m, name, lambda own: own < first)),
                (field <= value, lambda m: has(m, name, lambda own: own <= last)),
                (field > value, lambda m: has(m, name, lambda own: own > last)),
                (field >= value, lambda m: has(m, name, lambda own: own >= first)),
            ]
        )

    def text(self):
        """A text of a header."""
        name = self.chance.choice(
            [
                *("subject", "subject", "sender", "sender", "to", "cc", "spam", "mime", "list_id"),
                *("message_id", "references", "in_reply_to", "bcc"),
            ]
        )
        return self.textual(name)

    def listed(self):
        """A text of the content."""
        return self.textual(
            self.chance.choice(["content", "attachments", "email", "filenames", "encoding"])
        )

    def textual(self, name):
        """A text, compared in one of all forms."""
        field = self.table.header("X-Spam-Flag") if name == "spam" else getattr(self.table, name)
        value = self.value(name)
        folded = fold(value)
        kind = self.chance.random()
        if kind < 0.1:
            return field == None, lambda m: not getattr(m, name)  # noqa: E711 -- an expression
        if kind < 0.5:
            return field.contains(value), self.reads(name, lambda text: folded in text)
        if kind < 0.65:
            return field == value, self.reads(name, lambda text: text == folded)
        if kind < 0.75:
            return field.startswith(value), self.reads(name, lambda t: t.startswith(folded))
        if kind < 0.85:
            pattern = value.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
            return field.like(f"%{pattern}"), self.reads(name, lambda t: t.endswith(folded))
        if kind < 0.95:
            return field.belongs([value, "x"]), self.reads(name, lambda t: t in (folded, "x"))
        return field < value, self.reads(name, lambda text: text < folded)

    @staticmethod
    def reads(name, holds):
        """A plain reading: one of a field's texts does."""
        return lambda m: any(holds(fold(text)) for text in getattr(m, name))

    def value(self, name):
        """A text that is in some message, or a part of one, or in none."""
        texts = [text for each in self.messages for text in getattr(each, name)] or [""]
        text = self.chance.choice(texts)
        begin = self.chance.randint(0, max(len(text) - 1, 0))
        part = text[begin : begin + self.chance.randint(1, 12)]
        others = ["", " ", '"', "\\", "é", "k", "I", "hello", "straße", "ANN@", ">, ", "x y", "%"]
        return self.chance.choice([text[:200], part, part, part.swapcase(), *others[:4], *others])

    def keyword(self):
        """A keyword, in some case."""
        value = self.chance.choice(["$Junk", "$junk", "WORK", "wor", "no such", r"\Seen"])
        return self.table.keywords.contains(value), self.reads(
            "keywords", lambda t: t == fold(value)
        )


def has(message, name, holds):
    """Tell whether a message has a value, and it is in an order."""
    value = getattr(message, name)
    return value is not None and holds(value)
