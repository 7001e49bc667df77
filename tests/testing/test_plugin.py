"""The fixtures as a project gets them that has netmail installed: in a run of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

USES_BOTH = """
import imaplib, poplib, smtplib, ssl
from urllib.parse import unquote, urlsplit


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


@pytest.fixture
def run_pytest(tmp_path):
    """Run pytest on a file in a folder that knows nothing of our configuration."""

    def run(code, *arguments):
        (tmp_path / "test_outside.py").write_text(code)
        command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def test_the_plain_fixture_is_a_new_server(mail_server):
    """One user, no mail, no TLS."""
    assert (mail_server.messages(), mail_server.ca_file) == ([], None)


def test_the_tls_fixture_has_an_authority(mail_server_tls):
    """Implicit TLS, and the authority to trust lies in a file."""
    assert "BEGIN CERTIFICATE" in Path(mail_server_tls.ca_file).read_text()


def test_the_fixtures_are_there_without_being_asked_for(run_pytest):
    """The entry point alone makes `mail_server` and `mail_server_tls` known; no warning."""
    done = run_pytest(USES_BOTH, "-p", "no:cacheprovider")

    assert done.stdout.splitlines()[-1].startswith("3 passed")


def test_the_plugin_imports_no_server_before_a_test_asks(run_pytest):
    """Projects that never use the fixtures pay for no import and need no extra."""
    code = (
        "import sys\n"
        "def test_nothing():\n"
        "    heavy = {'aiosmtpd', 'pymap', 'trustme', 'cryptography'}\n"
        "    assert heavy.isdisjoint(sys.modules)\n"
    )
    done = run_pytest(code, "-p", "no:cacheprovider")

    assert done.stdout.splitlines()[-1].startswith("1 passed")


def test_fixtures_are_listed_with_their_first_sentence(run_pytest):
    """`pytest --fixtures` tells what they are."""
    done = run_pytest("", "--fixtures", "-p", "no:cacheprovider")

    assert "mail_server -- " in done.stdout
    assert "SMTP, IMAP and POP3 servers in clear on loopback" in done.stdout
