"""The report of a try."""

import json
from datetime import UTC, datetime

from netmail.errors import ConnectError, Phase
from netmail.results.diagnosis import SHOWN_CHARACTERS, Diagnosis, ServerCertificate

CERTIFICATE = ServerCertificate(
    "CN = a", ("a.example", "b.example"), "CN = authority", datetime(2030, 1, 2, tzinfo=UTC), 12
)
FULL = Diagnosis(
    "imaps://mail.example",
    ip="192.0.2.1",
    port=993,
    seconds={"dns": 0.001, "tls": 0.25},
    tls_version="TLSv1.3",
    cipher="TLS_AES_128_GCM_SHA256",
    certificate=CERTIFICATE,
    verified=True,
    capabilities_after_tls=("IDLE",) * 1000,
    mechanisms=("PLAIN",),
    warnings=tuple(f"warning\x1b[31m {number}\n" for number in range(100)),
    error=ConnectError("no\nserver", phase=Phase.CONNECT),
)


def test_report_fits_a_terminal():
    """Whatever a server sends, the report is short and moves no cursor."""
    lines = str(FULL).split("\n")

    assert len(lines) <= 25
    assert max(map(len, lines)) <= SHOWN_CHARACTERS + 20
    assert "\x1b" not in str(FULL)
    assert "and 92 more" in str(FULL)


def test_report_says_what_matters():
    """The first line is the result."""
    lines = str(FULL).split("\n")

    assert lines[0] == "imaps://mail.example: failed"
    assert "expires       2030-01-02, 12 days left" in lines
    assert "verified      yes" in lines
    assert lines[-1] == "error         ConnectError (connect): no server"


def test_json():
    """All of it can be written as JSON."""
    values = json.loads(json.dumps(FULL.to_dict()))

    assert values["ok"] is False
    assert values["phase"] == "connect"
    assert values["certificate"]["expires"] == "2030-01-02T00:00:00+00:00"
    assert values["certificate"]["names"] == ["a.example", "b.example"]
    assert values["error"] == {"type": "ConnectError", "message": "no\nserver"}
    assert values["seconds"] == {"dns": 0.001, "tls": 0.25}


def test_nothing_found():
    """A report without a certificate and an error."""
    found = Diagnosis("imap://localhost")

    assert str(found).split("\n")[0] == "imap://localhost: OK"
    assert (found.to_dict()["certificate"], found.to_dict()["error"]) == (None, None)
