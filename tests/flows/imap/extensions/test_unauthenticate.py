"""UNAUTHENTICATE: when it is sent, and what is forgotten."""

import pytest

from netmail.errors import AuthenticationError, CapabilityError, StateError, UsageError
from netmail.flows.imap.extensions.unauthenticate import authenticate, unauthenticate
from netmail.results.imap import ImapState
from netmail.secret import Secret
from support.imap_sessions import fresh, logged_in, run, selected

OFFERED = "IMAP4rev1 UNAUTHENTICATE"
LEFT = """
    C: T1 UNAUTHENTICATE
    S: T1 OK done
    C: T2 CAPABILITY
    S: * CAPABILITY IMAP4rev1 AUTH=PLAIN LOGINDISABLED
    S: T2 OK done
    """


def test_forgotten():
    """The mailbox, what was enabled and what is known of names are of the account that was left."""
    sessions = []

    def make():
        session = selected(OFFERED)
        session.enabled = frozenset({"CONDSTORE"})
        session.server_names["R&D"] = b"R&D"
        session.uidvalidities["INBOX"] = 7
        sessions.append(session)
        return session

    run(unauthenticate, LEFT, make)

    for session in sessions:
        assert (session.state, session.mailbox) == (ImapState.NOT_AUTHENTICATED, None)
        assert not session.enabled
        assert not session.server_names
        assert not session.uidvalidities
        assert session.capabilities == {"IMAP4REV1", "AUTH=PLAIN", "LOGINDISABLED"}


def test_not_offered():
    """Nothing is sent to a server without it."""
    with pytest.raises(CapabilityError, match="UNAUTHENTICATE"):
        run(unauthenticate, "")


def test_compressed():
    """A compressed connection is not left: nothing is sent."""

    def make():
        session = logged_in(OFFERED)
        session.compressed = True
        return session

    with pytest.raises(StateError, match="compressed"):
        run(unauthenticate, "", make)


def test_too_early():
    """Before the login there is none to end."""
    with pytest.raises(StateError):
        run(unauthenticate, "", fresh)


def again(password):
    """Return the conversation that leaves the account and logs in to another."""

    def conversation(session):
        yield from unauthenticate(session)
        return (yield from authenticate(session, "bob", password))

    return conversation


@pytest.mark.parametrize("password", ["secret", Secret("secret")], ids=["str", "secret"])
def test_next_login(password):
    """The second login has the second account's credentials; a next connection has the options'."""
    sessions = []

    def make():
        sessions.append(logged_in(OFFERED, username="ann", password="other"))
        return sessions[-1]

    transcript = f"""{LEFT}
        C: T3 AUTHENTICATE PLAIN
        S: +
        C: AGJvYgBzZWNyZXQ=
        S: T3 OK [CAPABILITY IMAP4rev1] done
        """

    assert run(again(password), transcript, make) is True
    for session in sessions:
        assert session.is_authenticated
        session._reset()
        assert session.options.username == "ann"


def test_refused_login():
    """A refusal leaves the session without an account."""
    sessions = []

    def make():
        sessions.append(logged_in(OFFERED))
        return sessions[-1]

    transcript = f"""{LEFT}
        C: T3 AUTHENTICATE PLAIN
        S: +
        C: AGJvYgBzZWNyZXQ=
        S: T3 NO [AUTHENTICATIONFAILED] no
        """

    with pytest.raises(AuthenticationError):
        run(again("secret"), transcript, make)
    assert {session.state for session in sessions} == {ImapState.NOT_AUTHENTICATED}


@pytest.mark.parametrize("wrong", [None, 5, b"x"])
def test_wrong_types(wrong):
    """Credentials are text."""
    with pytest.raises(UsageError):
        run(lambda session: authenticate(session, wrong, "x"), "", fresh)
    with pytest.raises(UsageError):
        run(lambda session: authenticate(session, "x", wrong), "", fresh)
