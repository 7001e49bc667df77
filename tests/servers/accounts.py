"""The users with a mailbox on the servers, and their passwords.

This file knows no server: Dovecot and Postfix each write these users into their own tables.
"""

from dataclasses import dataclass
from urllib.parse import quote

DOMAIN = "example.test"
FRESH_PREFIX = "box-"
FRESH_PASSWORD = "secret"


@dataclass(frozen=True, slots=True)
class User:
    """A person with a mailbox.

    Attributes:
        name: What to log in with.
        password: The password, in clear.
    """

    name: str
    password: str

    @property
    def address(self) -> str:
        """The address that delivers into the mailbox."""
        return f"{self.name}@{DOMAIN}"

    @property
    def utf8_address(self) -> str:
        """The same mailbox, by a transport that takes mail which needs SMTPUTF8."""
        return f"{self.name}+utf8@{DOMAIN}"

    @property
    def userinfo(self) -> str:
        """Name and password as a URL has them, percent-encoded."""
        return f"{quote(self.name, safe='')}:{quote(self.password, safe='')}"


ALICE = User("alice", "wonderland")
BOB = User("bob", "builder")
CAROL = User("carol", 'p ä"s\\s%40w@rd/{}')
"""Her password holds what IMAP quotes, what a URL escapes, and what is not ASCII."""

USERS = (ALICE, BOB, CAROL)


def fresh(number: int) -> User:
    """Return the user of that number, which the servers know and no test has used."""
    return User(f"{FRESH_PREFIX}{number}", FRESH_PASSWORD)
