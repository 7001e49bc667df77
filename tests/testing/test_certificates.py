"""The generated authority and certificate, as OpenSSL judges them."""

import socket
import ssl
import threading

import pytest

from netmail.testing.certificates import server_context


def handshake(server, host, ca_file):
    """Let a client and a server of the standard library meet; return the peer's certificate."""
    near, far = socket.socketpair()
    client = ssl.create_default_context(cafile=ca_file)
    client.verify_flags |= ssl.VERIFY_X509_STRICT

    def serve():
        try:
            with server.wrap_socket(far, server_side=True) as peer:
                peer.recv(1)
        except OSError:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with near, client.wrap_socket(near, server_hostname=host) as connection:
            return connection.getpeercert()
    finally:
        thread.join(10)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_client_that_trusts_the_authority_connects(tmp_path, host):
    """Strict verification passes for each host the certificate is for."""
    server = server_context(tmp_path / "ca.pem")
    issuer = dict(pair for (pair,) in handshake(server, host, tmp_path / "ca.pem")["issuer"])

    assert issuer["organizationalUnitName"] == "netmail test authority"


@pytest.mark.parametrize(("host", "trusts"), [("localhost", False), ("example.test", True)])
def test_other_clients_refuse(tmp_path, host, trusts):
    """Neither a client that trusts others nor one that wants another host accepts it."""
    server = server_context(tmp_path / "ca.pem")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, host, tmp_path / "ca.pem" if trusts else None)


def test_no_key_is_written(tmp_path):
    """The authority's certificate is the only file: no private key is left for others to read."""
    server_context(tmp_path / "ca.pem")

    assert [path.name for path in tmp_path.iterdir()] == ["ca.pem"]
    assert "PRIVATE KEY" not in (tmp_path / "ca.pem").read_text()
