"""Domain names for machines."""

import pytest

from netmail.errors import UsageError
from netmail.idna import to_ascii


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("example.org", "example.org"),
        ("Example.ORG", "Example.ORG"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
    ],
)
def test_to_ascii(domain, expected):
    """Labels beyond ASCII become A-labels, and letters that IDNA 2003 would change are kept."""
    assert expected == to_ascii(domain)


@pytest.mark.parametrize("domain", ["ü" * 64 + ".example", "ü" * 300, "\u0627a.example"])
def test_no_ascii_form(domain):
    """What has no A-label is refused."""
    with pytest.raises(UsageError, match="domain"):
        to_ascii(domain)
