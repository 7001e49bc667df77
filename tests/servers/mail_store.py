"""What Dovecot and Cyrus have in common: ports, users, and mailboxes to fill and to look into.

This file knows no server's configuration, and nothing of pytest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from servers.accounts import USERS, User
from servers.mailbox import Mailbox
from servers.process import LOOPBACK, Server


@dataclass(frozen=True, slots=True)
class MailPorts:
    """Where the server listens; STARTTLS and STLS are offered on the plain ports."""

    imap: int
    imaps: int
    pop3: int
    pop3s: int
    lmtp: int

    @property
    def all(self) -> list[int]:
        """Every port."""
        return [self.imap, self.imaps, self.pop3, self.pop3s, self.lmtp]


class MailStore(Server):
    """A running server of IMAP, POP3 and LMTP.

    Attributes:
        host: 127.0.0.1, where the certificate is good.
        ports: The ports.
        users: The users by name: alice, bob, carol (a difficult password).
    """

    host = LOOPBACK

    def __init__(self, ports: MailPorts) -> None:
        self.ports = ports
        self.users: Mapping[str, User] = {user.name: user for user in USERS}

    def user(self, name: str = "alice") -> User:
        """Return the user of that name."""
        return self.users[name]

    def url(self, scheme: str, user: User | None = None, host: str = "localhost") -> str:
        """Return `imap:`, `imaps:`, `pop3:` or `pop3s:` URL, with credentials where given."""
        userinfo = f"{user.userinfo}@" if user else ""
        return f"{scheme}://{userinfo}{host}:{getattr(self.ports, scheme)}"

    def deliver(self, user: User, *messages: bytes, mailbox: str = "INBOX") -> None:
        """Append messages to a mailbox, in order; they are there when this returns."""
        self.deliver_many(user, messages, mailbox)

    def deliver_many(self, user: User, messages: Iterable[bytes], mailbox: str = "INBOX") -> None:
        """Append messages to a mailbox in one command; 20,000 take half a second."""
        with self._mailbox(user, mailbox) as opened:
            opened.append(messages)

    def messages(self, user: User, count: int = 0, mailbox: str = "INBOX") -> list[bytes]:
        """Return a mailbox's messages as they are stored, having waited for so many.

        Raises:
            TimeoutError: If they do not come.
        """
        with self._mailbox(user, mailbox) as opened:
            return opened.wait(count)

    def _mailbox(self, user: User, mailbox: str) -> Mailbox:
        return Mailbox((self.host, self.ports.imap), user, mailbox)
