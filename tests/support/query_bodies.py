"""Messages with parts of every kind, well formed and broken, for queries about texts and files.

This file knows MIME, and neither a server nor a query.
"""

import base64
import random

LARGE = [0, 0, 1, 40, 4_000, 4_200, 9_000, 20_000]
TEXTS = [
    "Hello text, café and Grüße.\r\nOf two lines.",
    "",
    "\r\n",
    "begin 644 inner.txt\r\n%:&5L;&\\\r\n`\r\nend\r\n",
    "-- \r\nsignature",
    "--\r\n--x\r\n",
]
KINDS = [
    'text/plain; charset="utf-8"',
    "text/plain",
    "text/plain; charset=iso-8859-1; name=log.txt",
    "text/html; charset=utf-8",
    "text/calendar; charset=utf-8",
    "text/csv; name=table.csv",
    "image/png; name=cat.png",
    "IMAGE/JPEG",
    "application/pdf; name*=utf-8''Gr%C3%BC%C3%9Fe.pdf",
    'application/octet-stream; name="=?utf-8?q?caf=C3=A9.bin?="',
    "application/ms-tnef; name=winmail.dat",
    "application/pdf; name=Gr\xfc\xdfe.pdf",
    "message/rfc822",
    "message/delivery-status",
    "audio",
    "x-odd",
    'application/pdf; name="a;b\\"c.pdf"',
    None,
]
DISPOSITIONS = [
    None,
    None,
    "attachment",
    'attachment; filename="report 2026.pdf"',
    "inline; filename=cat.png",
    "attachment; filename*0=long-; filename*1=name.txt",
    "inline",
]
ENCODINGS = [None, "7bit", "8bit", "base64", "quoted-printable", "BASE64", "base-64", "x-unknown"]
BOUNDARIES = ["b", "bb", "b1", "=_b b", "b'()+_,-./:=?", "----=_Part_1", "x"]
BREAKS = 0.12
"""How often something is wrong in one place."""


def mime_corpus(seed, count):
    """Make messages, some of them broken."""
    chance = random.Random(seed)
    return [mime_message(chance, number) for number in range(count)]


def mime_message(chance, number):
    """Make one message; every other one has a header that is longer than the first octets."""
    fields = [b"Subject: Parts %d" % number, b"From: ann@example.test", b"MIME-Version: 1.0"]
    if chance.random() < 0.1:
        fields += [b"X-Long: " + b"y" * 900] * 10
    head, body = part(chance, 0, [])
    return b"\r\n".join([*fields, head]) + b"\r\n" + body


def part(chance, depth, outer):
    """Return the header, each line with its end, and the body of a part."""
    if chance.random() < (0.75 if not depth else 0.35) and depth < 4:
        return multipart(chance, depth, outer)
    return leaf(chance, depth, outer)


def leaf(chance, depth, outer):
    """Return a part without parts, but for those of a message in it."""
    kind, encoding = chance.choice(KINDS), chance.choice(ENCODINGS)
    if kind == "message/rfc822" and depth < 4:
        head, body = part(chance, depth + 1, outer)
        octets = b"Subject: inner\r\n" + head + b"\r\n" + body
        encoding = encoding if chance.random() < BREAKS else None
    else:
        text = chance.choice(TEXTS).encode()
        octets = text + b"z0\r\n" * (chance.choice(LARGE) // 4)
        if chance.random() < BREAKS and outer:
            line = chance.choice([b"--%b", b"--%bX", b"--%b--", b"--%b  ", b"x--%b", b"--%b junk"])
            octets += b"\r\n" + line % chance.choice(outer) + b"\r\nafter it"
        octets += b"z1\r\n" * (chance.choice(LARGE) // 4)
    if encoding and "64" in encoding.lower() and chance.random() > BREAKS:
        octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    fields = [
        ("Content-Type", kind),
        ("Content-Disposition", chance.choice(DISPOSITIONS)),
        ("Content-Transfer-Encoding", encoding),
        ("Content-ID", chance.choice([None, "<root@x>"])),
    ]
    return header(chance, fields), octets


def multipart(chance, depth, outer):
    """Return a part with parts."""
    used = chance.choice(outer).decode() if outer and chance.random() < BREAKS else ""
    name = used or chance.choice(BOUNDARIES)
    boundary = name.encode()
    parts = [
        b"\r\n".join(part(chance, depth + 1, [*outer, boundary]))
        for _ in range(chance.choice([0, 1, 2, 2, 3, 3]))
    ]
    kind = chance.choice(["mixed", "mixed", "alternative", "related", "digest", "report"])
    value = chance.choice(
        [f'multipart/{kind}; boundary="{name}"'] * 8
        + [
            f"multipart/{kind}",
            f"multipart/{kind}; boundary=other",
            f"Multipart/{kind};boundary={name}",
        ]
    )
    end = b"" if chance.random() < BREAKS else b"\r\n--" + boundary + b"--"
    body = chance.choice(
        [b"", b"", b"This is a multi-part message in MIME format.\r\n", b"--x\r\n"]
    )
    body += b"\r\n".join(delimiter(chance, boundary) + each for each in parts)
    after = chance.choice([b"", b"\r\n", b"\r\n\r\n", b"\r\nepilogue\r\n" * 3])
    return header(chance, [("Content-Type", value)]), body + end + after


def delimiter(chance, boundary):
    """Return the line before a part, and its end."""
    line = b"--" + boundary
    return line + (
        b"\r\n" if chance.random() > BREAKS / 2 else chance.choice([b" \r\n", b" x\r\n"])
    )


def header(chance, fields):
    """Return fields, each with a line end, and sometimes one of them twice."""
    lines = [f"{name}: {value}\r\n" for name, value in fields if value is not None]
    if lines and chance.random() < BREAKS / 2:
        lines.append(chance.choice(lines))
    return "".join(lines).encode("latin-1")
