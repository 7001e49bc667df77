"""The fixtures as a project gets them that has netmail installed: in a run of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

USES_BOTH = """
import imaplib, poplib, smtplib, ssl, sys
from urllib.parse import unquote, urlsplit


def test_nothing_heavy_is_imported():
    heavy = {"aiosmtpd", "pymap", "cryptography"}
    assert heavy.isdisjoint(sys.modules)


def test_clear(mail_server):
    address = urlsplit(mail_server.smtp_url)
    with smtplib.SMTP(address.hostname, address.port) as smtp:
        smtp.sendmail("app@example.test", ["user@example.test"], b"Subject: hello\\r\\n\\r\\n")
    assert mail_server.messages() == [b"Subject: hello\\r\\n\\r\\n"]


def test_each_test_has_its_own(mail_server):
    assert mail_server.messages() == []


def test_tls(mail_server_tls):
    address = urlsplit(mail_server_tls.imap_url)
    context = ssl.create_default_context(cafile=mail_server_tls.ca_file)
    with imaplib.IMAP4_SSL(address.hostname, address.port, ssl_context=context) as imap:
        imap.login(unquote(address.username), unquote(address.password))
        assert imap.select() == ("OK", [b"0"])
"""
RUN_AND_LIST = """
import pytest, sys

quiet = ["-p", "no:cacheprovider", "-W", "error"]
sys.exit(pytest.main([*quiet, "-rA"]) or pytest.main([*quiet, "--fixtures"]))
"""


@pytest.fixture(scope="module", name="outside")
def _outside(tmp_path_factory):
    """What pytest prints in a folder that knows nothing of netmail's configuration."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "test_outside.py").write_text(USES_BOTH)
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_LIST],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def test_the_plain_fixture_is_a_new_server(mail_server):
    """One user, no mail, no TLS."""
    assert (mail_server.messages(), mail_server.ca_file) == ([], None)


def test_the_tls_fixture_has_an_authority(mail_server_tls):
    """Implicit TLS, and the authority to trust lies in a file."""
    assert "BEGIN CERTIFICATE" in Path(mail_server_tls.ca_file).read_text()


@pytest.mark.parametrize("test", ["clear", "each_test_has_its_own", "tls"])
def test_the_fixtures_are_there_without_configuration(outside, test):
    """The entry point alone makes `mail_server` and `mail_server_tls` known; no warning."""
    assert f"PASSED test_outside.py::test_{test}\n" in outside


def test_the_plugin_imports_no_server_before_a_test_asks(outside):
    """Projects that never use the fixtures pay for no import and need no extra."""
    assert "PASSED test_outside.py::test_nothing_heavy_is_imported\n" in outside


def test_fixtures_are_listed_with_their_first_sentence(outside):
    """`pytest --fixtures` describes them."""
    assert "mail_server -- " in outside
    assert "SMTP, IMAP and POP3 servers in clear on loopback" in outside
