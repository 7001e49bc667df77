"""The channel binding of a connection, for certificates of every kind of signature."""

import datetime as dt
import hashlib
import socket
import ssl
import threading

import pytest
import scramp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from netmail.clients.pop3 import POP3
from netmail.errors import AuthenticationError

KINDS = {
    "RSA with SHA-256": (lambda: rsa.generate_private_key(65537, 2048), hashes.SHA256()),
    "RSA with SHA-512": (lambda: rsa.generate_private_key(65537, 2048), hashes.SHA512()),
    "ECDSA with SHA-384": (lambda: ec.generate_private_key(ec.SECP256R1()), hashes.SHA384()),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate, None),
}


def make_certificate(kind, folder):
    """Write a certificate and its key into one file; return it, and what a login binds to."""
    make_key, algorithm = KINDS[kind]
    key = make_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bücher")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, algorithm)
    )
    path = folder / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path, made.fingerprint(algorithm) if algorithm else b""


class Judge:
    """A POP3 server that offers nothing but SCRAM, whose login another author's code judges."""

    def __init__(self, certificate, binding, mechanisms, *, late):
        self.binding = binding
        self.late = late
        self.mechanisms = mechanisms
        self.used = None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._thread.join(10)
        self._listener.close()

    def _serve(self):
        accepted, _ = self._listener.accept()
        accepted.settimeout(10)
        if self.late:
            self._offer_stls(accepted)
        with self._context.wrap_socket(accepted, server_side=True) as wrapped:
            lines = wrapped.makefile("rwb")

            def say(text):
                lines.write(text.encode() + b"\r\n")
                lines.flush()

            if not self.late:
                say("+OK ready")
            for line in lines:
                verb, *arguments = line.decode().split()
                if verb == "CAPA":
                    say(f"+OK\r\nSASL {' '.join(self.mechanisms)}\r\n.")
                elif verb == "AUTH":
                    self.used = arguments[0]
                    say("+OK in" if self._judge(lines, say, *arguments) else "-ERR [AUTH] no")
                else:
                    say("+OK")

    def _offer_stls(self, accepted):
        with accepted.makefile("rwb", buffering=0) as lines:
            lines.write(b"+OK ready\r\n")
            assert lines.readline() == b"CAPA\r\n"
            lines.write(b"+OK\r\nSTLS\r\n.\r\n")
            assert lines.readline() == b"STLS\r\n"
            lines.write(b"+OK go\r\n")

    def _judge(self, lines, say, name, first):
        def decoded(text):
            return scramp.core.b64dec(text).decode()

        mechanism = scramp.ScramMechanism(name)
        account = mechanism.make_auth_info("secret")
        server = mechanism.make_server(lambda _user: account, channel_binding=self.binding)
        try:
            server.set_client_first(decoded(first))
            say("+ " + scramp.core.b64enc(server.get_server_first().encode()))
            server.set_client_final(decoded(lines.readline().decode().strip()))
        except scramp.ScramException:
            return False
        say("+ " + scramp.core.b64enc(server.get_server_final().encode()))
        return lines.readline() == b"\r\n"


@pytest.fixture
def judge(tmp_path):
    """Start a server with a certificate of a kind; `binding` instead of the right one."""
    made = []

    def start(kind, mechanisms, binding=None, *, late=False):
        path, right = make_certificate(kind, tmp_path)
        data = right if binding is None else binding
        bound = ("tls-server-end-point", data) if data else None
        made.append(Judge(path, bound, mechanisms, late=late))
        return made[-1]

    yield start
    for each in made:
        each.close()


def connect(server):
    client = POP3(host="127.0.0.1", port=server.port, username="ann", password="secret",
                  auth=PLUS, tls_implicit=not server.late, tls=3,
                  verify_peer=False, verify_host=False)  # fmt: skip
    client.connect()
    client.quit()


PLUS = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]


@pytest.mark.parametrize("late", [False, True], ids=["implicit", "STLS"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind][1]])
def test_bound_login(judge, kind, late):
    """The server accepts the hash of its own certificate."""
    server = judge(kind, PLUS, late=late)
    connect(server)

    assert server.used == "SCRAM-SHA-256-PLUS"


def test_another_certificate(judge):
    """One in the middle, with a certificate of its own, cannot pass the login on."""
    server = judge("RSA with SHA-256", PLUS[:1], hashlib.sha256(b"another").digest())
    with pytest.raises(AuthenticationError) as caught:
        connect(server)

    assert list(caught.value.tried) == ["SCRAM-SHA-256-PLUS"]


def test_shortened_list(judge):
    """A server that binds channels refuses a client that has not seen the offer."""
    server = judge("RSA with SHA-256", PLUS[1:])
    with pytest.raises(AuthenticationError) as caught:
        connect(server)

    assert list(caught.value.tried) == ["SCRAM-SHA-256"]


def test_nothing_to_bind_to(judge):
    """A certificate whose signature names no hash has no binding; the login does without."""
    server = judge("Ed25519", PLUS)
    connect(server)

    assert server.used == "SCRAM-SHA-256"
