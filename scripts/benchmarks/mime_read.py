"""Reading mail: netmail, the standard library and fast-mail-parser, side by side in one run.

Called by `scripts/bench mime [FOLDER]`; alone: `python scripts/benchmarks/mime_read.py [FOLDER]`.
All sides do the same work on the same messages in alternating rounds; medians are compared. What
netmail and the standard library read of the mail that is made is compared too, before the clock
runs. A message on which any side raises is left out for all.
"""

import base64
import email
import email.policy
import gc
import quopri
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from netmail import parse

WORDS = [
    "the",
    "message",
    "was",
    "sent",
    "to",
    "every",
    "member",
    "of",
    "our",
    "group",
    "and",
    "nobody",
    "has",
    "answered",
    "it",
    "so",
    "far",
    "please",
    "look",
    "at",
    "the",
    "attached",
    "plan",
    "for",
    "next",
    "week",
    "before",
    "we",
    "meet",
    "on",
    "Thursday",
    "morning",
    "thank",
    "you",
]
PEOPLE = ("Ann Example", "=?utf-8?q?J=C3=BCrgen_M=C3=BCller?=", '"Doe, Jane"', "Bob van Dam")
ROUNDS = 5
BIG = 25 << 20


def made_messages(count: int = 400) -> list[bytes]:
    """Mail as it comes in: about 5 kB, a header of some 20 fields, text, HTML, some files."""
    chance = random.Random(5322)
    return [_message(chance, number) for number in range(count)]


def _message(chance: random.Random, number: int) -> bytes:
    header = _header(chance, number)
    text = _prose(chance, chance.randrange(600, 1800))
    if number % 4 == 0:
        return "\r\n".join(
            [*header, "Content-Type: text/plain; charset=utf-8; format=flowed", "", text * 2]
        ).encode()
    html = quopri.encodestring(_html(text).encode()).decode().replace("\n", "\r\n")
    alternative = [
        f'Content-Type: multipart/alternative; boundary="=_alt_{number}"',
        "",
        f"--=_alt_{number}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        text,
        f"--=_alt_{number}",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        html,
        f"--=_alt_{number}--",
        "",
    ]
    if number % 4 != 1:
        return "\r\n".join([*header, *alternative]).encode()
    file = base64.encodebytes(chance.randbytes(1500)).decode().replace("\n", "\r\n")
    mixed = [
        f'Content-Type: multipart/mixed; boundary="=_mix_{number}"',
        "",
        f"--=_mix_{number}",
        *alternative,
        f"--=_mix_{number}",
        'Content-Type: application/pdf; name="plan.pdf"',
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment; filename*=utf-8''pl%C3%A4n.pdf",
        "",
        f"{file}--=_mix_{number}--",
        "",
    ]
    return "\r\n".join([*header, *mixed]).encode()


def _header(chance: random.Random, number: int) -> list[str]:
    hops = [
        f"Received: from mx{hop}.example.net (mx{hop}.example.net [192.0.2.{hop}])\r\n"
        f"\tby mail{hop}.example.org (Postfix) with ESMTPS id {chance.getrandbits(40):X}\r\n"
        f"\tfor <user@example.org>; Mon, {1 + hop} Jan 2024 10:0{hop}:15 +0100 (CET)"
        for hop in range(4)
    ]
    signature = "".join(f"\r\n\t{chance.getrandbits(240):X}" for _ in range(4))
    return [
        "Return-Path: <sender@example.net>",
        "Delivered-To: user@example.org",
        *hops,
        (
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=k1;"
            f"\r\n\th=from:to:subject:date; bh={chance.getrandbits(160):X};\r\n\tb={signature}"
        ),
        "Authentication-Results: mail.example.org; dkim=pass header.d=example.net;\r\n\tspf=pass",
        f"From: {PEOPLE[number % 4]} <sender{number}@example.net>",
        f"To: {PEOPLE[(number + 1) % 4]} <user@example.org>, other@example.org",
        "Cc: Team <team@example.org>",
        "Subject: Re: " + ("=?utf-8?b?UGzDpG5lIGbDvHIgZGllIFdvY2hl?=" if number % 3 else "Plan"),
        f"Date: Mon, {1 + number % 28} Jan 2024 10:00:15 +0100",
        f"Message-ID: <{number}.{chance.getrandbits(64):x}@example.net>",
        f"In-Reply-To: <{number}.{chance.getrandbits(64):x}@example.org>",
        "References: " + "\r\n ".join(f"<{chance.getrandbits(80):x}@example.org>" for _ in "123"),
        "User-Agent: Example Mail 3.1",
        "X-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00,DKIM_SIGNED,\r\n\tSPF_PASS",
        "MIME-Version: 1.0",
    ]


def _prose(chance: random.Random, size: int) -> str:
    lines: list[str] = []
    while size > 0:
        lines.append(" ".join(chance.choices(WORDS, k=11)))
        size -= len(lines[-1])
    return "\r\n".join(lines)


def _html(text: str) -> str:
    body = "".join(f'<p style="margin:0">{line} \xfc</p>\n' for line in text.split("\r\n"))
    return f"<html><body>\n{body}</body></html>\n"


def netmail_headers(data: bytes) -> object:
    mail = parse(data)
    return mail.subject, mail.from_, mail.date


def stdlib_headers(data: bytes) -> object:
    message = email.message_from_bytes(data)
    return _decoded(message["subject"] or ""), _people(message, "from"), _date(message)


def default_headers(data: bytes) -> object:
    message = email.message_from_bytes(data, policy=email.policy.default)
    sender, date = message["from"], message["date"]
    people = [(each.display_name, each.addr_spec) for each in sender.addresses] if sender else []
    return str(message["subject"] or ""), people, date.datetime if date else None


def netmail_all(data: bytes) -> object:
    mail = parse(data)
    contents = [
        (part.filename, part.text if part.content_type.startswith("text/") else part.content)
        for part in mail.walk()
        if not part.is_multipart
    ]
    return mail.headers.items(), mail.from_, mail.to, mail.cc, mail.date, contents


def stdlib_all(data: bytes) -> object:
    message = email.message_from_bytes(data)
    fields = [(name, _decoded(value)) for name, value in message.items()]
    contents = []
    for part in message.walk():
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            if part.get_content_maintype() == "text":
                text = content.decode(part.get_content_charset("utf-8"), "replace")
                content = text.replace("\r\n", "\n")
            contents.append((part.get_filename(), content))
    people = [_people(message, name) for name in ("from", "to", "cc")]
    return fields, *people, _date(message), contents


def _decoded(value: str) -> str:
    """Unfold a value and decode its words, as netmail does."""
    return str(make_header(decode_header(value.replace("\r\n", "").replace("\t", " "))))


def _people(message: "email.message.Message", name: str) -> list[tuple[str, str]]:
    found = getaddresses(message.get_all(name, []))
    return [(_decoded(name) if "=?" in name else name, address) for name, address in found]


def _date(message: "email.message.Message") -> object:
    value = message["date"]
    return parsedate_to_datetime(value) if value else None


def rust_all() -> "Work | None":
    """The same with fast-mail-parser, which is written in Rust; `None` where it is missing."""
    try:
        from fast_mail_parser import parse_email
    except ImportError:
        return None

    def read(data: bytes) -> object:
        mail = parse_email(data)
        contents = [(each.filename, each.content) for each in mail.attachments]
        texts = mail.text_plain, mail.text_html, contents
        return mail.headers, mail.from_, mail.to, mail.cc, mail.date_parsed, texts

    return read


Work = Callable[[bytes], object]


def compare(
    messages: list[bytes], sides: dict[str, Work], rounds: int = ROUNDS
) -> dict[str, float]:
    """Run all sides in turn, several times; the median microseconds a message of each."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, work in sides.items():
            gc.collect()
            start = time.perf_counter()
            for message in messages:
                work(message)
            times[name].append((time.perf_counter() - start) / len(messages) * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def _readable(messages: list[bytes], sides: dict[str, Work]) -> list[bytes]:
    """The messages that every side reads; says how many are none."""
    kept = [
        message for message in messages if all(_reads(work, message) for work in sides.values())
    ]
    if len(kept) < len(messages):
        print(f"    left out: {len(messages) - len(kept)} on which a side raises")
    return kept


def _reads(work: Work, message: bytes) -> bool:
    try:
        work(message)
    except Exception:  # noqa: BLE001 - the standard library raises on real mail
        return False
    return True


def _ratios(
    title: str, messages: list[bytes], sides: dict[str, Work], aims: dict[str, float]
) -> bool:
    """Print one comparison; whether every aim was reached."""
    print(title)
    messages = _readable(messages, sides)
    if not messages:
        return True
    medians = compare(messages, sides)
    ours = medians.pop("netmail")
    print(f"    {'netmail':<28} {ours:9.1f} us a message")
    for name, median in medians.items():
        print(f"    {name:<28} {median:9.1f} us  {median / ours:6.2f}x  (aim: {aims[name]:g}x)")
    return all(median / ours >= aims[name] for name, median in medians.items())


def big_message() -> bytes:
    """One message with an attachment that makes it 25 MB."""
    line = base64.b64encode(random.Random(1).randbytes(57)) + b"\r\n"
    return b"".join(
        [
            b"Subject: big\r\nMIME-Version: 1.0\r\n",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
            b"--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\n",
            b"Content-Transfer-Encoding: base64\r\n\r\n",
            line * (BIG // len(line)),
            b"--b--\r\n",
        ]
    )


def _big() -> bool:
    """Measure the index of one large message."""
    message = big_message()
    sides: dict[str, Work] = {"netmail": parse, "stdlib compat32": email.message_from_bytes}
    quick = _ratios("one 25 MB message, index only", [message], sides, {"stdlib compat32": 20})
    tracemalloc.start()
    mail = parse(message)
    added = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"    memory added over the input  {added / 2**20:.3f} MiB  (aim: below 2 MiB)")
    assert len(list(mail.walk())) == 3
    return quick and added < 2 << 20


def _folder(folder: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()]


def _measure(messages: list[bytes]) -> bool:
    """Compare the sides on one set of messages; whether every aim was reached."""
    headers: dict[str, Work] = {
        "netmail": netmail_headers,
        "stdlib compat32": stdlib_headers,
        "stdlib policy.default": default_headers,
    }
    aims = {"stdlib compat32": 5, "stdlib policy.default": 40}
    reached = _ratios("parse, read subject, from, date", messages, headers, aims)
    whole: dict[str, Work] = {"netmail": netmail_all, "stdlib compat32": stdlib_all}
    rust = rust_all()
    if rust is not None:
        whole["fast-mail-parser (Rust)"] = rust
    aims = {"stdlib compat32": 3, "fast-mail-parser (Rust)": 0.4}
    reached &= _ratios("parse and decode everything", messages, whole, aims)
    if rust is None:
        print("    fast-mail-parser (Rust)      left out: it is not installed  (aim: 0.4x)")
    return reached


def run(folder: str | None = None) -> bool:
    """Measure and print.

    Args:
        folder: A folder of messages to read beside those that are made.

    Returns:
        Whether the mail that is made reached every aim.
    """
    made = made_messages()
    for message in made:
        assert netmail_headers(message) == stdlib_headers(message) == default_headers(message)
        assert netmail_all(message) == stdlib_all(message)
    reached = True
    for title, messages in (("made mail", made), (folder, _folder(folder) if folder else [])):
        if messages:
            size = sum(map(len, messages)) / len(messages)
            print(f"-- {title}: {len(messages)} messages of {size:.0f} octets on average")
            met = _measure(messages)
            reached = reached and (met or messages is not made)
    return _big() and reached


if __name__ == "__main__":
    run(*sys.argv[1:2])
