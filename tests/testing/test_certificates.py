"""The generated authority and certificate, as OpenSSL judges them."""

import socket
import ssl
import stat
import threading

import pytest

from netmail.testing.certificates import issue


def handshake(certificates, host, cafile):
    """Let a client and a server of the standard library meet; return the peer's certificate."""
    ours, theirs = socket.socketpair()
    context = ssl.create_default_context(cafile=cafile)
    context.verify_flags |= ssl.VERIFY_X509_STRICT

    def serve():
        try:
            with certificates.server_context().wrap_socket(theirs, server_side=True) as peer:
                peer.recv(1)
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with ours, context.wrap_socket(ours, server_hostname=host) as client:
            return client.getpeercert()
    finally:
        thread.join(10)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_client_that_trusts_the_authority_connects(tmp_path, host):
    """Strict verification passes for each host the certificate is for."""
    certificates = issue(tmp_path)

    assert handshake(certificates, host, certificates.ca_file)["issuer"] == (
        (("commonName", "netmail test authority"),),
    )


@pytest.mark.parametrize(("host", "trusts"), [("localhost", False), ("example.test", True)])
def test_everybody_else_refuses(tmp_path, host, trusts):
    """Neither a stranger nor another host name is accepted."""
    certificates = issue(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificates, host, certificates.ca_file if trusts else None)


def test_the_key_is_the_owners_only(tmp_path):
    """The private key's file is closed to others."""
    mode = issue(tmp_path).key_file.stat().st_mode

    assert stat.S_IMODE(mode) == 0o600
