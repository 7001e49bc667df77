"""TLS versions and cipher suites, as a real TLS server sees them."""

import ssl

import pycurl
import pytest

from netmail.clients.pop3 import POP3
from netmail.curl.setopt import is_tls13_cipher
from netmail.errors import TlsError
from servers.scripted import StartTls
from support.pop3_steps import HELLO


@pytest.fixture
def restricted(scripted, monkeypatch):
    """Start a TLS server whose context a function has changed."""

    def start(change, *steps):
        from servers import scripted as module

        make = module._context

        def changed(*arguments):
            context = make(*arguments)
            change(context)
            return context

        monkeypatch.setattr(module, "_context", changed)
        return scripted(*steps)

    return start


def at_most(context):
    context.maximum_version = ssl.TLSVersion.TLSv1_2


def at_least(context):
    context.minimum_version = ssl.TLSVersion.TLSv1_3


def one_older_suite(context):
    at_most(context)
    context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")


FITTING = {
    "min": (at_least, {"tls_min_version": "1.3"}),
    "max": (at_most, {"tls_max_version": "1.2"}),
    "min and max": (at_most, {"tls_min_version": "1.2", "tls_max_version": "1.2"}),
    "older suite": (one_older_suite, {"tls_ciphers": "ECDHE-ECDSA-AES256-GCM-SHA384"}),
    "of several": (one_older_suite, {"tls_ciphers": "TLS_AES_128_GCM_SHA256:HIGH:!aNULL"}),
    "modern suite": (at_least, {"tls_ciphers": ["TLS_CHACHA20_POLY1305_SHA256"]}),
    "older suite for an older version": (at_least, {"tls_ciphers": "ECDHE-ECDSA-AES256-SHA"}),
}
UNFITTING = {
    "min": (at_most, {"tls_min_version": "1.3"}),
    "max": (at_least, {"tls_max_version": "1.2"}),
    "min and max": (at_least, {"tls_min_version": "1.2", "tls_max_version": "1.2"}),
    "older suite": (one_older_suite, {"tls_ciphers": "ECDHE-ECDSA-CHACHA20-POLY1305"}),
    "modern suite": (
        one_older_suite,
        {"tls_ciphers": "TLS_AES_128_GCM_SHA256", "tls_min_version": "1.3"},
    ),
}


@pytest.mark.parametrize(("change", "options"), FITTING.values(), ids=FITTING)
def test_tls_settings_that_fit(restricted, certificates, change, options):
    """A version and a cipher suite in common: the connection is made."""
    server = restricted(change, StartTls(), *HELLO)
    client = POP3(host="127.0.0.1", port=server.port, tls_implicit=True,
                  ca_file=certificates.ca_file, timeout=5000, **options)  # fmt: skip
    client.connect()

    assert client.get_handle().getinfo(pycurl.APPCONNECT_TIME) > 0
    client.abort()


@pytest.mark.parametrize(("change", "options"), UNFITTING.values(), ids=UNFITTING)
def test_tls_settings_that_do_not_fit(restricted, certificates, change, options):
    """A server without a version or a cipher suite in common is refused."""
    server = restricted(change, StartTls(refused=True))
    client = POP3(host="127.0.0.1", port=server.port, tls_implicit=True,
                  ca_file=certificates.ca_file, timeout=5000, **options)  # fmt: skip

    with pytest.raises(TlsError):
        client.connect()


def test_unknown_cipher(restricted, certificates):
    """Names that OpenSSL does not know are an error that names the option."""
    server = restricted(at_most, StartTls(refused=True))
    client = POP3(host="127.0.0.1", port=server.port, tls_implicit=True, tls_ciphers="NO-SUCH",
                  ca_file=certificates.ca_file, timeout=5000)  # fmt: skip

    with pytest.raises(TlsError, match="tls_ciphers"):
        client.connect()


@pytest.mark.parametrize(
    ("name", "modern"),
    [
        ("TLS_AES_128_GCM_SHA256", True),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", False),
        ("ECDHE-RSA-AES128-GCM-SHA256", False),
        ("HIGH", False),
    ],
)
def test_is_tls13_cipher(name, modern):
    """The names of TLS 1.3's suites have no key exchange."""
    assert is_tls13_cipher(name) == modern
