"""The mailboxes that all three embedded servers show: pymap's in-memory backend.

This file must not know SMTP, nor POP3. Each coroutine must run in the servers' loop: its one thread
is the only lock.
"""

import datetime as dt
import hmac
from argparse import Namespace
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from types import MappingProxyType

from proxyprotocol.noop import ProxyProtocolNoop
from pymap.backend.dict import Config, Identity, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.concurrent import Subsystem
from pymap.exceptions import InvalidAuth
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement
from pymap.user import UserMetadata
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext

from netmail.errors import UsageError
from netmail.testing.mailboxes import Mailboxes

MESSAGE_OCTETS = 64 * 1024 * 1024
"""The largest message that the embedded servers accept; SMTP's SIZE and IMAP's APPENDLIMIT."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in a mailbox.

    Attributes:
        uid: Its IMAP UID; a POP3 unique-id is made of it.
        content: Its octets, lines ended by CRLF.
    """

    uid: int
    content: bytes


class PlainPasswords(Cleartext):
    """Passwords kept as they are; pysasl's own comparison refuses letters beyond ASCII."""

    def verify(self, secret: str, hash: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(secret.encode(), hash.encode())


class StoreConfig(Config):
    """pymap's settings, without its demonstration data, host names from DNS and process pool."""

    @property
    def greeting(self) -> bytes:
        """The text of IMAP's greeting; pymap would ask DNS for a name."""
        return b"netmail embedded server ready"


class Store:
    """Mailboxes of a few users, in memory; every method takes one of their names.

    Args:
        users: Names and passwords.
        tokens: Names and bearer tokens.
        starttls: The context to offer STARTTLS with over IMAP, or `None` for no STARTTLS.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        tokens: Mapping[str, str] = MappingProxyType({}),
        starttls: SSLContext | None = None,
    ) -> None:
        self.users = dict(users)
        self.tokens = dict(tokens)
        self.config = StoreConfig(
            Namespace(),
            host=None,
            port=0,
            demo_data=False,
            demo_user="",
            demo_password="",
            # A context must be given, or pymap loads the certificates that the environment names.
            ssl_context=starttls or SSLContext(PROTOCOL_TLS_SERVER),
            tls_enabled=starttls is not None,
            invalid_user_sleep=0.0,
            proxy_protocol=ProxyProtocolNoop(),
            hash_context=PlainPasswords(),
            cpu_subsystem=Subsystem.for_asyncio(),
            max_append_len=MESSAGE_OCTETS,
        )
        self.login = _Login(self.config)
        for name, password in self.users.items():
            self.login.users_dict[name] = UserMetadata(self.config, name, password=password)
            self.config.set_cache[name] = (Mailboxes(), FilterSet())

    async def deliver(self, user: str, content: bytes, mailbox: str = "INBOX") -> int:
        """Add a message; a mailbox that does not exist is created.

        Bare line feeds become CRLF, as SMTP would require.

        Returns:
            The message's UID.
        """
        mailboxes = self._mailboxes(user)
        try:
            folder = await mailboxes.get_mailbox(mailbox)
        except KeyError:
            await mailboxes.add_mailbox(mailbox)
            folder = await mailboxes.get_mailbox(mailbox)
        now = dt.datetime.now(dt.UTC)
        octets = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        message = await folder.append(AppendMessage(octets, now, frozenset()), recent=True)
        return message.uid

    async def messages(self, user: str, mailbox: str = "INBOX") -> list[StoredMessage]:
        """List a mailbox's messages by UID.

        Raises:
            UsageError: If there is no such mailbox.
        """
        folder = await self._folder(user, mailbox)
        # Read to the end at once: pymap locks the mailbox while its iterator is open.
        found = [message async for message in folder.messages()]
        listed = []
        for message in found:
            loaded = await message.load_content(FetchRequirement.CONTENT)
            listed.append(StoredMessage(message.uid, bytes(loaded.get_body(None))))
        return listed

    async def delete(self, user: str, uids: Iterable[int], mailbox: str = "INBOX") -> None:
        """Remove messages for good; UIDs that do not exist are ignored."""
        folder = await self._folder(user, mailbox)
        await folder.delete(list(uids))

    async def uid_validity(self, user: str, mailbox: str = "INBOX") -> int:
        """Return the UIDVALIDITY of the mailbox (RFC 9051 section 2.3.1.1)."""
        return (await self._folder(user, mailbox)).uid_validity

    def _mailboxes(self, user: str) -> MailboxSet:
        mailboxes, _ = self.config.set_cache[user]
        return mailboxes

    async def _folder(self, user: str, mailbox: str) -> MailboxData:
        try:
            return await self._mailboxes(user).get_mailbox(mailbox)
        except KeyError:
            raise UsageError(f"user {user!r} has no mailbox {mailbox!r}") from None


class _Login(Login):
    """pymap's login, which refuses a name or a password that SASLprep forbids."""

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        """Check a login.

        Raises:
            InvalidAuth: If it is refused; control characters and octets that are not UTF-8 are.

        RFC 4013 section 2.3.
        """
        try:
            return await super().authenticate(credentials)
        except ValueError:
            raise InvalidAuth from None
