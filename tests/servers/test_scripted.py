"""The scripted server does what its script says, and says so when the client does not."""

import socket
import ssl
import struct

import pytest

from servers.scripted import (
    Close,
    Drip,
    Endless,
    Expect,
    ExpectData,
    Reply,
    ScriptedServer,
    ScriptError,
    Send,
    Silence,
    StartTls,
)


def connect(server):
    """A client that waits five seconds at most."""
    return socket.create_connection((server.host, server.port), timeout=5)


def read_all(client):
    """What the server sends until it closes."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_plays_in_order(scripted):
    """Octets go out, lines and data come in, and groups come back."""
    server = scripted(
        Send(b"hello\r\n"),
        Expect(rb"(\w+) PUT \{5\}"),
        ExpectData(b"12\r\n5"),
        Reply(rb"\1 OK\r\n"),
    )
    with connect(server) as client:
        client.sendall(b"a1 PUT {5}\r\n12\r\n5a2 BYE\r\n")
        received = read_all(client)

    assert received == b"hello\r\na1 OK\r\n"
    assert server.join() == b"a1 PUT {5}\r\n12\r\n5a2 BYE\r\n"


def test_starttls(scripted):
    """A step turns the connection into TLS, and what is received is recorded in clear."""
    server = scripted(Expect(b"STARTTLS"), Send(b"go\r\n"), StartTls(), Expect(b"secret"))
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with connect(server) as plain:
        plain.sendall(b"STARTTLS\r\n")
        assert plain.recv(100) == b"go\r\n"
        with context.wrap_socket(plain, server_hostname="localhost") as client:
            client.sendall(b"secret\r\n")
            assert client.recv(100) == b""

    assert server.join() == b"STARTTLS\r\nsecret\r\n"


@pytest.mark.parametrize("pair", ["self_signed", "expired", "other_host"])
def test_bad_certificate(scripted, pair):
    """Each bad certificate is refused by a client that verifies."""
    server = scripted(StartTls(pair, refused=True))
    context = ssl.create_default_context(cafile=str(server.ca_file))

    with connect(server) as plain, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(plain, server_hostname="localhost")


def test_client_certificate(scripted, certificates):
    """A client with a certificate of the authority is let in."""
    server = scripted(StartTls(client_certificate=True), Send(b"welcome"))
    context = ssl.create_default_context(cafile=str(server.ca_file))
    context.load_cert_chain(
        certificates.client.certificate,
        certificates.client_key_encrypted,
        certificates.client_key_password,
    )
    with connect(server) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
        received = read_all(tls)

    assert received == b"welcome"


def test_client_without_certificate(certificates):
    """A client without one is turned away, and the script says so."""
    server = ScriptedServer([StartTls(client_certificate=True)], certificates)
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with (
        connect(server) as plain,
        pytest.raises(OSError, match=r"certificate|reset"),
        context.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        tls.recv(1)

    with pytest.raises(ScriptError, match="broke the handshake off"):
        server.join()


def test_drip(scripted):
    """Dripped octets arrive all, in order."""
    server = scripted(Drip(b"* OK slow\r\n", pause=0.001))
    with connect(server) as client:
        received = read_all(client)

    assert received == b"* OK slow\r\n"


def test_endless_ends_with_the_client(scripted):
    """The flood stops when the client leaves."""
    server = scripted(Endless(b"x"))
    with connect(server) as client:
        received = client.recv(100)

    assert received == b"x" * 100
    assert server.join() == b""


def test_silence_ends_with_the_client(scripted):
    """Silence records what the client says meanwhile."""
    server = scripted(Silence())
    with connect(server) as client:
        client.sendall(b"anybody?")

    assert server.join() == b"anybody?"


def test_close_in_the_middle(scripted):
    """The client reads what was sent and then the end."""
    server = scripted(Send(b"* BY"), Close())
    with connect(server) as client:
        received = read_all(client)

    assert received == b"* BY"


def test_reset(scripted):
    """A reset is an error at the client."""
    server = scripted(Expect(b"NOOP"), Close(reset=True))

    with connect(server) as client:
        client.sendall(b"NOOP\r\n")
        with pytest.raises(ConnectionResetError):
            read_all(client)


def test_several_connections(scripted):
    """The next client gets the same script."""
    server = scripted(Send(b"hello"), connections=2)
    received = []
    for _ in range(2):
        with connect(server) as client:
            received.append(read_all(client))

    assert received == [b"hello", b"hello"]


def test_wrong_line():
    """A line that does not match fails at join, with both sides of the matter."""
    server = ScriptedServer([Expect(b"NOOP")])
    with connect(server) as client:
        client.sendall(b"QUIT\r\n")
        read_all(client)

    with pytest.raises(ScriptError, match="expected b'NOOP', the client sent b'QUIT"):
        server.join()


def test_wrong_data():
    """Data that differs fails at join."""
    server = ScriptedServer([ExpectData(b".\r\n")])
    with connect(server) as client:
        client.sendall(b"..\r\n")
        with pytest.raises(ScriptError, match="the client sent"):
            server.join()


@pytest.mark.parametrize("step", [Expect(b"NOOP"), ExpectData(b"0123456789")], ids=type)
def test_client_closes(step):
    """A client that leaves before its turn fails at join."""
    server = ScriptedServer([step])
    with connect(server) as client:
        client.sendall(b"NO")

    with pytest.raises(ScriptError, match="the client closed"):
        server.join()


def test_client_resets():
    """A client that resets the connection fails at join."""
    server = ScriptedServer([Expect(b"NOOP")])
    with connect(server) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with pytest.raises(ScriptError, match="the client left"):
        server.join()


def test_octets_before_the_handshake(certificates):
    """What a client sends in clear after STARTTLS and before TLS is a defect."""
    server = ScriptedServer([Expect(b"STARTTLS"), StartTls()], certificates)
    with connect(server) as client:
        client.sendall(b"STARTTLS\r\nPASS secret\r\n")
        client.shutdown(socket.SHUT_WR)

        with pytest.raises(ScriptError, match="in clear before the handshake"):
            server.join()


def test_certificate_accepted(certificates):
    """A client that accepts what it should refuse is a defect."""
    server = ScriptedServer([StartTls("self_signed", refused=True)], certificates)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with connect(server) as plain, context.wrap_socket(plain) as client:
        assert client.recv(1) == b""

    with pytest.raises(ScriptError, match="accepted the certificate self_signed"):
        server.join()


def test_nobody_connects():
    """A script that no client meets fails at join, at once."""
    server = ScriptedServer([Send(b"hello")])

    with pytest.raises(ScriptError, match="nobody connected"):
        server.join()


def test_deadline():
    """A client that neither speaks nor leaves meets the deadline."""
    server = ScriptedServer([Expect(b"NOOP")], seconds=0.05)

    with connect(server), pytest.raises(ScriptError, match="deadline"):
        server.join()
