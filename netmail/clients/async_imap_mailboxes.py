"""The asyncio IMAP client's methods of mailboxes.

This file knows only which flow each method runs.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias, overload

from netmail.clients.async_client import AsyncClient
from netmail.flows.imap import mailbox_info, mailbox_list, mailboxes, select, status
from netmail.flows.imap.extensions import resync
from netmail.flows.imap.extensions.resync import KnownMailbox
from netmail.flows.imap.session import ImapSession
from netmail.flows.imap.status import ALL_ITEMS
from netmail.results.imap import ListEntry, MailboxState, ResyncedMailbox
from netmail.results.imap_mailbox import MailboxInfo

# Within the class `list` is a method, and no type.
Names: TypeAlias = list[str]
Entries: TypeAlias = list[ListEntry]
Mailboxes: TypeAlias = list[MailboxInfo]


class AsyncImapMailboxes(AsyncClient):
    """Making, naming, listing, counting and opening mailboxes."""

    _session: ImapSession

    async def get_dirs(self, path: str | None = None, *, all: bool = False) -> Names:
        r"""List the names of the mailboxes that can be selected.

        Args:
            path: Only those below this one; `None` for all levels.
            all: Whether names that cannot be selected (\Noselect, \NonExistent), such as a level
                that only holds others, are listed too.

        RFC 9051 section 6.3.9.
        """
        return await self._read(mailbox_list.get_dirs, self._session, path, unselectable=all)

    async def get_subscribed_dirs(self) -> Names:
        """List the names of the mailboxes that the user subscribes to.

        RFC 3501 section 6.3.9.
        """
        return await self._read(mailbox_list.get_subscribed_dirs, self._session)

    async def list_mailboxes(
        self,
        name: str = "",
        pattern: str | Iterable[str] = "*",
        *,
        subscribed: bool = False,
        remote: bool = False,
        parents: bool = False,
        status: str | Iterable[str] = (),
        rights: bool = False,
        metadata: str | Iterable[str] = (),
    ) -> Mailboxes:
        """List mailboxes with their uses, and with numbers if wanted.

        It is one round trip where the server offers LIST-EXTENDED, LIST-STATUS and LIST-METADATA.
        Without the first each pattern is one, without the others each mailbox is one more.

        Args:
            name: The level where `pattern` begins, with its delimiter; "" for the top.
            pattern: A name in which "*" matches anything and "%" anything within a level; or
                several of them.
            subscribed: Whether to list only those that the user subscribes to.
            remote: Whether to list those on other servers too, which this one refers to.
            parents: Whether to list mailboxes above subscribed ones too: `child_info` says so.
            status: Items such as "MESSAGES UNSEEN SIZE", as `status()` takes them; empty for none.
            rights: Whether to ask for the user's rights.
            metadata: Annotations such as "/private/comment", as `get_metadata()` takes them.

        Raises:
            CapabilityError: If `rights` are asked for and the server has no LIST-MYRIGHTS;
                `remote` or `parents` without LIST-EXTENDED, annotations without METADATA.
            UsageError: If `parents` is true and `subscribed` is not.

        RFC 9051 section 6.3.9; RFC 5258, RFC 5819, RFC 8440, RFC 9590.
        """
        return await self._read(
            mailbox_info.list_mailboxes,
            self._session,
            name,
            pattern,
            subscribed=subscribed,
            remote=remote,
            parents=parents,
            status=status,
            rights=rights,
            metadata=metadata,
        )

    async def special(self, use: str) -> str | None:
        r"""Find the mailbox for sent messages, for drafts, and the like.

        The server's own attributes count (SPECIAL-USE, or XLIST of old), else names that are known
        in many languages, such as "Sent Items" or "Papierkorb"; those not with `strict`.

        Args:
            use: "archive", "sent", "trash", "drafts", "junk", "all", "flagged" or "important".

        Returns:
            Its name; `None` if there is no such mailbox.

        Raises:
            UsageError: If there is no such use.

        RFC 6154 section 2.
        """
        return await self._read(mailbox_info.special, self._session, use)

    @overload
    async def select(self, name: str, *, condstore: bool = False) -> MailboxState: ...

    @overload
    async def select(
        self, name: str, *, condstore: bool = False, qresync: KnownMailbox
    ) -> ResyncedMailbox: ...

    async def select(
        self, name: str, *, condstore: bool = False, qresync: KnownMailbox | None = None
    ) -> MailboxState | ResyncedMailbox:
        """Open a mailbox; calls without `path` work on it from now on.

        Args:
            name: The mailbox, such as "INBOX" or "To Do/This Weekend", in any characters.
            condstore: Whether the server is to send modification sequences from now on.
            qresync: What is known of the mailbox: its UIDVALIDITY, the modification sequence up to
                which changes are known, and the UIDs that are known, without "*": what has changed
                is sent of those alone, and without them of all messages, new ones too. It turns
                QRESYNC on for the connection, so that `Vanished` takes the place of `Expunged` in
                what `idle()` and `watch()` report. `sync()` does all that.

        Returns:
            A dictionary of what the server sends of it: `exists`, `flags`, `uidvalidity` ... With
            `qresync`, also `vanished` and `changed`, if `uidvalidity` is still the same.

        Raises:
            ImapError: If there is no such mailbox; none is selected then.
            CapabilityError: If the server has not the extension that is wanted.
            UsageError: If `qresync` is something else.

        RFC 9051 section 6.3.2; RFC 7162 sections 3.1.8 and 3.2.5.
        """
        return await self._read(
            resync.select, self._session, name, condstore=condstore, known=qresync
        )

    @overload
    async def examine(self, name: str, *, condstore: bool = False) -> MailboxState: ...

    @overload
    async def examine(
        self, name: str, *, condstore: bool = False, qresync: KnownMailbox
    ) -> ResyncedMailbox: ...

    async def examine(
        self, name: str, *, condstore: bool = False, qresync: KnownMailbox | None = None
    ) -> MailboxState | ResyncedMailbox:
        """Open a mailbox as `select()` does, but change nothing in it.

        Args:
            name: The mailbox.
            condstore: As for `select()`.
            qresync: As for `select()`.

        Returns:
            A dictionary of what the server sends of it, as from `select()`.

        Raises:
            ImapError: If there is no such mailbox; none is selected then.
            CapabilityError: If the server has not the extension that is wanted.
            UsageError: If `qresync` is something else.

        RFC 9051 section 6.3.3; RFC 7162 sections 3.1.8 and 3.2.5.
        """
        return await self._read(
            resync.examine, self._session, name, condstore=condstore, known=qresync
        )

    async def unselect(self) -> bool:
        """Leave the selected mailbox and delete nothing.

        Raises:
            CapabilityError: If the server has no UNSELECT.
            StateError: If none is selected.

        RFC 9051 section 6.4.2.
        """
        return await self._read(select.unselect, self._session)

    async def create(self, name: str, use: str | None = None) -> Names:
        """Make a mailbox.

        Args:
            name: Its name; the delimiter that `list()` returns separates levels.
            use: What it is for, as `special()` takes it; `None` for an ordinary mailbox.

        Returns:
            A list of that name.

        Raises:
            CapabilityError: If `use` is given and the server has no CREATE-SPECIAL-USE.
            ImapError: If it exists already, or may not be made.

        RFC 9051 section 6.3.4; RFC 6154 section 3.
        """
        return await self._run(mailboxes.create(self._session, name, use))

    async def delete(self, name: str) -> Names:
        """Delete a mailbox and its messages; if it is the selected one, none is selected then.

        Args:
            name: The mailbox.

        Returns:
            A list of that name.

        Raises:
            ImapError: If there is no such mailbox, or it may not be deleted.

        RFC 9051 section 6.3.5.
        """
        return await self._run(mailboxes.delete(self._session, name))

    async def rename(self, old_name: str, new_name: str) -> Names:
        """Rename a mailbox; of INBOX, move all messages to the new one instead.

        If it is the selected one or above it, that one stays selected under its new name: it is
        left before and selected again after.

        Args:
            old_name: The mailbox.
            new_name: Its name from now on.

        Returns:
            A list of the new name.

        Raises:
            ImapError: If there is no such mailbox, or the new name is in use; or, with the command
                SELECT or EXAMINE, if the mailbox cannot be selected again.
            StateError: If the server has given its messages other UIDs; none is selected then.

        RFC 9051 section 6.3.6.
        """
        return await self._run(mailboxes.rename(self._session, old_name, new_name))

    async def subscribe(self, name: str) -> bool:
        """Add a mailbox to those that `lsub()` lists.

        Args:
            name: The mailbox.

        RFC 9051 section 6.3.7.
        """
        return await self._run(mailboxes.subscribe(self._session, name))

    async def unsubscribe(self, name: str) -> bool:
        """Take a mailbox from those that `lsub()` lists.

        Args:
            name: The mailbox.

        RFC 9051 section 6.3.8.
        """
        return await self._run(mailboxes.unsubscribe(self._session, name))

    async def list(self, name: str = "", pattern: str = "*") -> Entries:
        """List mailboxes.

        Args:
            name: The level where `pattern` begins, with its delimiter; "" for the top.
            pattern: A name in which "*" matches anything and "%" anything within a level; "" asks
                for the delimiter and the root of `name`.

        Returns:
            A dictionary for each mailbox, with `name`, `delimiter` and `attributes`.

        RFC 9051 section 6.3.9.
        """
        return await self._read(mailbox_list.list_mailboxes, self._session, name, pattern)

    async def lsub(self, name: str = "", pattern: str = "*") -> Entries:
        """List mailboxes as `list()` does, but only those that the user subscribes to.

        Args:
            name: The level where `pattern` begins, with its delimiter; "" for the top.
            pattern: A name in which "*" matches anything and "%" anything within a level.

        Returns:
            A dictionary for each mailbox, with `name`, `delimiter` and `attributes`.

        RFC 3501 section 6.3.9.
        """
        return await self._read(mailbox_list.lsub, self._session, name, pattern)

    async def status(self, name: str, attrs: str | Iterable[str] = ALL_ITEMS) -> dict[str, Any]:
        """Count a mailbox's messages without selecting it; some servers need long for it.

        Args:
            name: The mailbox.
            attrs: What to count: MESSAGES, RECENT, UIDNEXT, UIDVALIDITY, UNSEEN, separated by
                spaces, or as an iterable.

        Returns:
            A dictionary of those names and their numbers, without those that cannot be read.
            MAILBOXID is a str, APPENDLIMIT is `None` where there is no limit, and other extensions
            have numbers. mail.ru rounds large ones.

        RFC 9051 section 6.3.11; RFC 7889 section 4 (APPENDLIMIT), RFC 8474 section 4 (MAILBOXID).
        """
        return await self._read(status.status, self._session, name, attrs)
