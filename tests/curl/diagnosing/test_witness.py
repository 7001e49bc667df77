"""What connecting shows beside its result."""

import pytest

from netmail.curl.diagnosing.witness import Witness

REMARK, RECEIVED = 0, 1


@pytest.mark.parametrize(
    ("remark", "version", "cipher"),
    [
        (
            b"SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / x25519 / RSASSA-PSS\n",
            "TLSv1.3",
            "TLS_AES_256_GCM_SHA384",
        ),
        (b"SSL connection using TLSv1.2 / AES128-SHA\n", "TLSv1.2", "AES128-SHA"),
        (b"SSL connection using TLSv1.2\n", "TLSv1.2", ""),
        (b"SSL connection timeout\n", "", ""),
    ],
    ids=["modern", "older", "no cipher", "another remark"],
)
def test_tls(remark, version, cipher):
    """Version and cipher suite are in a remark of libcurl's."""
    witness = Witness()
    witness.note(REMARK, remark)

    assert (witness.tls_version, witness.cipher) == (version, cipher)


@pytest.mark.parametrize(
    ("remark", "ip", "port"),
    [
        (b"  Trying 127.0.0.1:143...\n", "127.0.0.1", 143),
        (b"  Trying [::1]:993...\n", "::1", 993),
        (b"Trying /run/lmtp.sock...\n", "", 0),
    ],
)
def test_address_that_is_tried(remark, ip, port):
    """It is known even where nobody listens."""
    witness = Witness()
    witness.note(REMARK, remark)

    assert (witness.ip, witness.port) == (ip, port)


def test_tls_of_a_proxy_is_not_the_servers():
    """What came before the tunnel was the proxy's."""
    witness = Witness()
    witness.note(REMARK, b"SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256\n")
    witness.note(RECEIVED, b"HTTP/1.1 200 OK\r\n")
    witness.note(REMARK, b"CONNECT tunnel established, response 200\n")

    assert witness.tls_version == ""
