"""What Blade's Imap got wrong, and netmail must not: each case by name."""

import pytest

from netmail.clients.imap import Imap
from netmail.errors import ImapError

ONE = b"Subject: one\r\n\r\nx\r\n"


@pytest.fixture
def imap(dovecot):
    """A client of a mailbox with one message."""
    user = dovecot.fresh_user()
    dovecot.deliver(user, ONE)
    with Imap(dovecot.url("imap", user), ca_file=str(dovecot.ca_file)) as client:
        yield client


def test_success_is_not_measured_by_250(imap):
    """Blade compared the response code with SMTP's 250, so that nothing ever succeeded."""
    assert imap.subscribe("INBOX") is True
    assert imap.noop() is True


def test_status_knows_its_names(imap):
    """Blade's status() used names that are not defined."""
    assert imap.status("INBOX", "MESSAGES") == {"MESSAGES": 1}


def test_store_knows_its_names(imap):
    """Blade's store() did so too."""
    assert imap.store(1, "+FLAGS", "\\Seen") is True
    assert imap.search("SEEN") == [1]


def test_get_dirs_without_a_path(imap):
    """Blade's get_dirs() raised where no path was given."""
    assert imap.get_dirs() == ["INBOX"]


def test_mailbox_names_are_quoted(imap):
    """Blade sent mailbox names as they are: one with a space became two arguments."""
    imap.create('To Do/"This" Week')

    assert imap.select('To Do/"This" Week')["exists"] == 0


def test_refusals_raise(imap):
    """Blade returned false, and a store after a copy that failed lost mail."""
    with pytest.raises(ImapError):
        imap.copy(1, "nowhere")


def test_commands_do_not_stick(imap):
    """A command does not repeat the one before, as libcurl's CUSTOMREQUEST does."""
    imap.search("ALL")

    assert imap.fetch(1) == ONE
    assert imap.search("ALL") == [1]
