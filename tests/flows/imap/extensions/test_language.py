"""LANGUAGE, where it cannot be sent, and what comes back."""

import pytest

from netmail.errors import CapabilityError, UsageError
from netmail.flows.imap.extensions.language import language
from support.imap_sessions import fresh, logged_in, run


def with_language():
    """Return a session with a server that has the extension."""
    return logged_in("LANGUAGE")


def test_without_the_capability():
    """Nothing is sent to a server without it."""
    with pytest.raises(CapabilityError, match="LANGUAGE"):
        run(lambda imap: language(imap, "de"), "")


def test_before_the_login():
    """RFC 5255 section 3.2: it is valid in all states."""

    def before():
        session = fresh()
        session.capabilities = frozenset({"LANGUAGE"})
        return session

    transcript = 'C: T1 LANGUAGE "de" "en-GB"\nS: * LANGUAGE ("de")\nS: T1 OK fertig'
    assert run(lambda imap: language(imap, "de en-GB"), transcript, before) == ["de"]


@pytest.mark.parametrize("lines", ["", "S: * LANGUAGE x\n"])
def test_nothing(lines):
    """A server that chose none need not say so."""
    transcript = f'C: T1 LANGUAGE "x"\n{lines}S: T1 OK done'

    assert run(lambda imap: language(imap, ["x"]), transcript, with_language) == []


@pytest.mark.parametrize("tags", ["d(e", ["a b"], [5], 5, "d\r\n"])
def test_wrong_tags(tags):
    """A tag is one atom."""
    with pytest.raises(UsageError):
        run(lambda imap: language(imap, tags), "", with_language)
