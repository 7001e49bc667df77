"""Pytest fixtures with a mail server each; pytest finds them when netmail is installed.

This file knows pytest and `MailServer`, and imports nothing of the extra before a test asks.
"""

from collections.abc import Iterator

import pytest

from netmail.testing.server import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """SMTP, IMAP and POP3 servers in clear on loopback, new and empty for each test."""
    with MailServer() as server:
        yield server


@pytest.fixture
def mail_server_tls() -> Iterator[MailServer]:
    """The same with implicit TLS; `server.ca_file` is the authority to trust."""
    with MailServer(tls=True) as server:
        yield server
