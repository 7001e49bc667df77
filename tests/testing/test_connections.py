"""How connections end: by either side, by an error, and with a peer that does not reply."""

import contextlib
import gc
import logging
import socket
import ssl
import struct
import threading
import time
from urllib.parse import urlsplit

import pytest
from pymap.imap import IMAPConnection

from netmail.testing import MailServer, connections


def connect_to(server, protocol):
    address = urlsplit(server.url_for(protocol))
    return socket.create_connection((address.hostname, address.port), timeout=10)


def receive_all(client):
    return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.parametrize("protocol", ["smtp", "imap", "pop3"])
def test_a_reset_is_no_event(server, caplog, protocol):
    """A client that vanishes leaves no warning, and the server serves the next."""
    client = connect_to(server, protocol)
    client.recv(100)
    client.sendall(b"NOOP")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    with connect_to(server, protocol) as second:
        assert second.recv(1) in {b"2", b"*", b"+"}

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("tls", [False, True], ids=["clear", "implicit"])
def test_clients_that_come_while_it_stops(tls):
    """What is being accepted when the servers stop is closed too (a leak would warn)."""
    before = set(threading.enumerate())
    for _ in range(20):
        server = MailServer(tls=tls)
        for protocol in ("smtp", "imap", "pop3"):
            connect_to(server, protocol).close()
        server.close()
    gc.collect()

    assert [thread for thread in threading.enumerate() if thread not in before] == []


def test_an_internal_error_is_logged_with_its_traceback(server, caplog, monkeypatch):
    """What should not happen in a server is reported; here pymap fails at the first line."""

    async def fail(_connection):
        raise RuntimeError("broken")

    monkeypatch.setattr(IMAPConnection, "readline", fail)
    with connect_to(server, "imap") as client, contextlib.suppress(ConnectionResetError):
        client.sendall(b"a NOOP\r\n")
        client.shutdown(socket.SHUT_WR)
        receive_all(client)  # BYE, or a reset where the server left before it had read all
    server.close()

    (record,) = [record for record in caplog.records if record.name == "netmail.testing"]
    assert record.message == "an embedded server failed"
    assert record.exc_info is not None


def test_a_tls_peer_that_does_not_close_is_cut_off(monkeypatch):
    """After QUIT the server waits for the peer's TLS close_notify for a second only."""
    monkeypatch.setattr(connections, "CLOSE_SECONDS", 0.05)
    with MailServer(tls=True) as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        with connect_to(server, "pop3") as plain:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            secured = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")

            def run(step):
                while True:
                    try:
                        return step()
                    except ssl.SSLWantReadError:
                        plain.sendall(outgoing.read())
                        incoming.write(plain.recv(65536))

            run(secured.do_handshake)
            run(lambda: secured.read(100))
            secured.write(b"QUIT\r\n")
            plain.sendall(outgoing.read())

            began = time.monotonic()
            receive_all(plain)  # ends when the server gives up waiting

            assert time.monotonic() - began < 1
