"""Received fields (RFC 5321 section 4.4) as servers write them."""

from datetime import UTC, datetime

import pytest

from netmail import parse
from netmail.mime.fields.received import received


def test_received():
    """The clauses, the address and the date of a hop."""
    raw = (
        "Received: from client.example (host.example [192.0.2.7])\n"
        "\tby mail.b.example (Postfix) with ESMTPS id ABC\n"
        "\t(using TLSv1.3 with cipher X) for <bob@b.example>;\n\tMon, 1 Jan 2024 10:00:00 +0000\n\n"
    )
    (hop,) = parse(raw).received

    assert (hop.from_, hop.by, hop.with_, hop.id) == (
        "client.example",
        "mail.b.example",
        "ESMTPS",
        "ABC",
    )
    assert (hop.for_, hop.ip, hop.tls) == ("bob@b.example", "192.0.2.7", "TLSv1.3")
    assert hop.date == datetime(2024, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("from x ([IPv6:2001:db8::1]) by y", "2001:db8::1"),
        ("from [192.0.2.1] by y", "192.0.2.1"),
        ("by y (no client)", ""),
        ("", ""),
    ],
)
def test_received_address(text, ip):
    """IPv4, IPv6, in brackets, none."""
    hop = parse(f"Received: {text}\n\n").received[0]

    assert (hop.ip, hop.date) == (ip, None)


def test_exchange_online():
    """The protocol and the path have several atoms, and the only comment belongs to the server."""
    hop = received(
        "from a.example by b.example (2603:10a6:803:3d::19) with Microsoft SMTP Server"
        " (version=TLS1_2, cipher=X) id 15.20.1 via Frontend Transport; Mon, 15 Jan 2024 10:00:00 Z"
    )

    assert (hop.from_, hop.by, hop.with_, hop.id, hop.via, hop.ip, hop.tls) == (
        "a.example",
        "b.example",
        "Microsoft SMTP Server",
        "15.20.1",
        "Frontend Transport",
        "",
        "TLS1_2",
    )
