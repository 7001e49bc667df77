"""The asyncio IMAP client's methods that change the account of a connection.

This file knows only which flow each method runs.
"""

from netmail.clients.async_client import AsyncClient
from netmail.flows.imap.extensions import unauthenticate
from netmail.flows.imap.session import ImapSession
from netmail.secret import Secret


class AsyncImapAccount(AsyncClient):
    """Another account over the same connection."""

    _session: ImapSession

    async def unauthenticate(self) -> bool:
        """Leave the account, and keep the connection for another: `authenticate()` comes next.

        What belongs to the login is over: the selected mailbox, what `enable()` turned on.

        Raises:
            CapabilityError: If the server has no UNAUTHENTICATE.
            StateError: If the connection is compressed.

        RFC 8437 section 3.
        """
        return await self._run(unauthenticate.unauthenticate(self._session))

    async def authenticate(self, username: str, password: str | Secret) -> bool:
        """Log in after `unauthenticate()`; a later connection logs in as the options say.

        Args:
            username: The account.
            password: Its password, which no log shows.

        Raises:
            AuthenticationError: If the server refuses it.
            StateError: If the session is logged in already.

        RFC 9051 section 6.2.2; RFC 8437 section 3.
        """
        return await self._run(unauthenticate.authenticate(self._session, username, password))
