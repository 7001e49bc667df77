"""Authentication-Results fields (RFC 8601)."""

from netmail import parse


def test_authentication_results():
    """RFC 8601: server, methods, properties, reasons, comments."""
    raw = (
        "Authentication-Results: mail.b.example 1;\n spf=pass smtp.mailfrom=a.example;\n"
        ' dkim=FAIL reason="bad; key" header.d=a.example (2048 bit);\n dmarc=none\n\n'
    )
    (results,) = parse(raw).authentication_results
    spf, dkim, dmarc = results.results

    assert results.server == "mail.b.example"
    assert (spf.method, spf.result, spf.properties) == (
        "spf",
        "pass",
        {"smtp.mailfrom": "a.example"},
    )
    assert (dkim.result, dkim.reason, dkim.comments) == ("fail", "bad; key", ("2048 bit",))
    assert dmarc.result == "none"


def test_authentication_results_of_nobody():
    """A server that checked nothing."""
    (results,) = parse("Authentication-Results: b.example; none\n\n").authentication_results

    assert (results.server, results.results) == ("b.example", ())
