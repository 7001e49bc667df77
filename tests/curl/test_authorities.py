"""Where trusted certificates are found, and connections that trust them."""

import contextlib
import shutil
import ssl
import subprocess
from pathlib import Path

import certifi
import pytest

from netmail.clients.pop3 import POP3
from netmail.curl import authorities
from netmail.curl.authorities import Store, certifi_store, system_store
from netmail.errors import TlsError, UsageError
from servers.scripted import ScriptError, StartTls
from support.pop3_steps import HELLO


@pytest.fixture
def named(monkeypatch, tmp_path):
    """Name a file and a folder to OpenSSL; what is left out does not exist."""

    def name(file=None, folder=None):
        monkeypatch.setenv("SSL_CERT_FILE", str(file or tmp_path / "none.pem"))
        monkeypatch.setenv("SSL_CERT_DIR", str(folder or tmp_path / "none"))

    return name


@pytest.fixture
def hashed(certificates, tmp_path):
    """Make a folder with the authority under its hash, as c_rehash does."""
    command = ["openssl", "x509", "-hash", "-noout", "-in", str(certificates.ca_file)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    folder = tmp_path / "certs"
    folder.mkdir()
    shutil.copy(certificates.ca_file, folder / f"{found.stdout.strip()}.0")
    return folder


def test_certifi():
    """Without an option it is Mozilla's list."""
    assert certifi_store() == Store(certifi.where())


def test_system(monkeypatch):
    """Without variables the system's own file or folder is found, and OpenSSL can read it."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    store = system_store()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(store.file, store.folder)

    assert store.file is None or context.get_ca_certs()


def test_python_built_elsewhere(monkeypatch, certificates):
    """Where Python's OpenSSL looks in vain, the places of known systems are tried."""
    nowhere = ssl.DefaultVerifyPaths(None, None, "SSL_CERT_FILE", "/x", "SSL_CERT_DIR", "/x")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    monkeypatch.setattr(authorities, "FILES", ("/nowhere/x.pem", str(certificates.ca_file)))

    assert system_store() == Store(str(certificates.ca_file))

    monkeypatch.setattr(authorities, "FILES", ("/nowhere/x.pem",))
    with pytest.raises(UsageError, match="install ca-certificates"):
        system_store()


def test_variables_without_certificates(named, tmp_path):
    """A variable that leads nowhere is an error: the system's own store may trust more."""
    folder = tmp_path / "empty"
    folder.mkdir()
    named(folder=folder)
    with pytest.raises(UsageError, match="SSL_CERT_FILE and SSL_CERT_DIR lead to none"):
        system_store()
    with pytest.raises(UsageError, match="pass ca_file"):
        POP3(host="127.0.0.1", port=1, ca="system", timeout=5000).connect()


def test_file(named, certificates):
    """The variable names the file."""
    named(file=certificates.ca_file)

    assert system_store() == Store(str(certificates.ca_file))


@pytest.mark.parametrize("form", ["file", "folder"])
def test_connection_with_the_systems_certificates(scripted, named, certificates, hashed, form):
    """A server that the system trusts is verified; with certifi's list it is refused."""
    named(**({"file": certificates.ca_file} if form == "file" else {"folder": hashed}))
    server = scripted(StartTls(), *HELLO)
    given = {"host": "127.0.0.1", "port": server.port, "tls_implicit": True, "timeout": 5000}
    client = POP3(**given, ca="system").connect()

    assert client.is_connected
    client.abort()
    refusing = scripted(StartTls(), *HELLO)
    with pytest.raises(TlsError, match='ca="system"'):
        POP3(**{**given, "port": refusing.port}, ca="certifi").connect()
    with contextlib.suppress(ScriptError):  # libcurl may leave before or after the handshake
        refusing.join()


def test_known_places_are_absolute():
    """No place depends on the working directory."""
    assert all(Path(file).is_absolute() for file in authorities.FILES)
