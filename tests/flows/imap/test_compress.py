"""When COMPRESS is sent, and what its refusal means."""

import pytest

from netmail.errors import CapabilityError, ImapError
from netmail.flows.imap.compress import compress
from support.imap_sessions import logged_in, run


def twice(session):
    """Compress, and again."""
    yield from compress(session)
    return (yield from compress(session))


def test_compress():
    """It is asked once for a connection: the second call has nothing to do."""
    transcript = """
        C: T1 COMPRESS DEFLATE
        S: T1 OK DEFLATE active
        """

    assert run(twice, transcript, capabilities="IMAP4rev1 COMPRESS=DEFLATE") is True


def test_refused():
    """A refusal leaves the connection as it was."""
    sessions = []

    def make():
        sessions.append(logged_in("IMAP4rev1 COMPRESS=DEFLATE"))
        return sessions[-1]

    transcript = """
        C: T1 COMPRESS DEFLATE
        S: T1 NO [COMPRESSIONACTIVE] DEFLATE active via TLS
        """

    with pytest.raises(ImapError, match="active via TLS"):
        run(compress, transcript, make)
    assert not any(session.compressed for session in sessions)


def test_not_offered():
    """Nothing is sent to a server that lacks it."""
    with pytest.raises(CapabilityError):
        run(compress, "")
