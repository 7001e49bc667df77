"""Mail as real mailboxes hold it, for what reads ENVELOPE and BODYSTRUCTURE.

Each message has a sender, a subject, a time and a Message-ID of its own, so that what is kept of
one helps little with the next. There is no `run()`: the benchmarks of IMAP share these.
"""

import random
from collections.abc import Iterator

HOSTS = [
    f"{name}.example"
    for name in ["mail", "corp", "shop", "news", "uni", "lists", "home", "bank", "city", "club"]
]
FIRST = [
    "Ann",
    "Bob",
    "Cleo",
    "Dora",
    "Emil",
    "Frida",
    "Gustav",
    "Hanna",
    "Igor",
    "Jana",
    "Karl",
    "Lena",
    "Moritz",
    "Nora",
]
LAST = [
    "Archer",
    "Baker",
    "Cooper",
    "Dyer",
    "Eaton",
    "Fisher",
    "Gardner",
    "Hunter",
    "Jagger",
    "Keeler",
    "Lister",
]
WORDS = [
    "plan",
    "minutes",
    "invoice",
    "lunch",
    "draft",
    "release",
    "question",
    "photos",
    "ticket",
    "report",
    "tomorrow",
]
SENDERS = 3_000
"""Different correspondents: of 20,000 messages, seven come from each."""

TEXT = "Content-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: {}\r\n"
BODY = "A line of the body.\r\n" * 4


def varied_messages(count: int) -> Iterator[bytes]:
    """Make messages, the same ones each time."""
    chance = random.Random(8)
    people = [_person(chance, number) for number in range(SENDERS)]
    for number in range(count):
        yield _message(chance, people, number).encode()


def _person(chance: random.Random, number: int) -> str:
    name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    address = f"{name.lower().replace(' ', '.')}.{number}@{chance.choice(HOSTS)}"
    # One in ten has a name that ASCII cannot express, one in five none at all.
    if number % 10 == 0:
        return f"=?utf-8?q?J=C3=BCrgen_{number}?= <{address}>"
    return address if number % 5 == 1 else f'"{name}" <{address}>'


def _message(chance: random.Random, people: list[str], number: int) -> str:
    host = chance.choice(HOSTS)
    subject = f"{' '.join(chance.sample(WORDS, 4))} {number}"
    if number % 8 == 0:
        subject = f"=?utf-8?q?Gr=C3=BC=C3=9Fe_{number}?="
    clock = f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
    zone = chance.choice(["+0000", "+0100", "+0200", "-0500", "-0700 (PDT)"])
    lines = [
        f"From: {chance.choice(people)}",
        f"To: {', '.join(chance.sample(people, chance.choice([1, 1, 1, 2, 3])))}",
        f"Subject: {subject}",
        f"Date: {chance.randrange(1, 29)} Jan {chance.randrange(2000, 2026)} {clock} {zone}",
        f"Message-ID: <{chance.getrandbits(64):x}.{number}@{host}>",
        "MIME-Version: 1.0",
    ]
    if number % 2:
        lines.append(f"Cc: {chance.choice(people)}")
    if number % 3 == 0:
        lines.append(f"In-Reply-To: <{chance.getrandbits(64):x}@{host}>")
    return "\r\n".join(lines) + "\r\n" + _content(chance, number)


def _content(chance: random.Random, number: int) -> str:
    """Write the content: a text, a text with HTML beside it, or both with a file."""
    charset, encoding = chance.choice([("utf-8", "quoted-printable"), ("us-ascii", "7bit")])
    text = f"{TEXT.format(charset, encoding)}\r\n{BODY}"
    if number % 4 == 0:
        return text
    html = text.replace("plain", "html", 1)
    both = _multipart("alternative", chance, [text, html])
    if number % 4 < 3:
        return both
    name = f"{chance.choice(WORDS)}-{number}.pdf"
    file = (
        f'Content-Type: application/pdf; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"; size={number}\r\n\r\nAAAA\r\n'
    )
    return _multipart("mixed", chance, [both, file])


def _multipart(kind: str, chance: random.Random, parts: list[str]) -> str:
    boundary = f"b-{chance.getrandbits(80):x}"
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
    return head + "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
