"""The asyncio POP3 client.

This file must not know anything but which conversation serves which method.
"""

import builtins
from functools import partial
from typing import TYPE_CHECKING, overload

from netmail.clients.async_client import AsyncClient
from netmail.clients.async_result_iterator import AsyncResultIterator
from netmail.flows.file_target import FileTarget, OnProgress
from netmail.flows.pop3 import commands, download, language, listing, mails, many
from netmail.flows.pop3.many import MessageIds
from netmail.flows.pop3.resuming import resumption
from netmail.flows.pop3.session import Pop3Session
from netmail.options.options import MailProtocol
from netmail.results.maildrop_state import MaildropState
from netmail.results.pop3 import Language, ScanListing, Stat, UniqueId
from netmail.results.pop3_capabilities import Pop3Capabilities
from netmail.results.pop3_message import Pop3Message

if TYPE_CHECKING:
    from netmail.mime.mail import Mail


class AsyncPOP3(AsyncClient):
    """A connection to a POP3 maildrop.

    Connects at the first command, or by `connect()`. Deleted messages are gone only after
    `quit()`, or after leaving a `with` block without an exception.

    Wherever a method takes a `uid`, an int is the message number, which holds for one session, and
    a str is the unique-id of `uid_list()`, which holds over sessions. A unique-id costs one UIDL a
    session, for all messages; of identical copies with one id it is the first that is not deleted.

    RFC 1939.
    """

    _protocol = MailProtocol.POP3
    _session_type = Pop3Session
    _resumption_of = staticmethod(resumption)
    _session: Pop3Session

    @property
    def capabilities(self) -> Pop3Capabilities:
        """The server's capabilities: name to arguments; empty before the first command.

        They were announced before the login; `capa()` asks for those after it.

        RFC 2449 section 5.
        """
        return self._session.capabilities

    async def capa(self) -> Pop3Capabilities:
        """Ask for the server's capabilities; costs one round trip.

        Returns:
            Name to arguments, with typed views such as `expire`; `capabilities` has them from now
            on.

        Raises:
            Pop3Error: If the server has no CAPA.

        RFC 2449 section 5.
        """
        return await self._read(commands.capa, self._session)

    async def lang(self) -> builtins.list[Language]:
        """List the languages that the server has texts in, such as those of `Pop3Error`.

        Returns:
            A dictionary a language, with `tag`, such as "de", and `description`, its name in
            itself.

        Raises:
            CapabilityError: If the server does not offer LANG.
            Pop3Error: If it cannot list them.

        RFC 6856 section 3.2.
        """
        return await self._read(language.lang, self._session)

    async def set_lang(self, tag: str) -> str:
        """Choose the language of the server's texts, for this connection.

        With the option `reconnect` a new connection has it again, where its server does.

        Args:
            tag: A language such as "de" or "pt-BR"; "*" for the one that the server prefers.

        Returns:
            The tag of the language that the server has chosen.

        Raises:
            CapabilityError: If the server does not offer LANG.
            Pop3Error: If it has no such language; the language is as before.
            UsageError: If the tag is none.

        RFC 6856 section 3.2, RFC 4647 section 2.1.
        """
        return await self._read(language.set_lang, self._session, tag)

    async def exec(
        self,
        command: str,
        path: str | None = None,
        no_transfer: bool = False,
        *,
        multiline: bool | None = None,
    ) -> str:
        """Send a command as it is.

        Args:
            command: The command, with arguments or without.
            path: Arguments to append to the command.
            no_transfer: Whether to return the status line alone. If false, the body is returned
                too for the commands that have one: RETR, TOP, CAPA, and LIST, UIDL and LANG
                without argument.
            multiline: For a command of no RFC, whether its positive reply has a body, which +OK
                does not show; ignored for the commands that netmail knows.

        Returns:
            The text after +OK, then the body's lines, dot-stuffing undone.

        Raises:
            Pop3Error: If the server refuses.
            UsageError: If the command is empty, holds a line end, or begins or ends a session
                (QUIT, STLS, AUTH ...); the message names what to use instead. Also if netmail
                does not know the command and `multiline` is not given.

        RFC 1939 section 3, RFC 6856 section 3.
        """
        return await self._run(commands.exec(self._session, command, path, no_transfer, multiline))

    async def list(self, uid: int | str | None = None) -> builtins.list[ScanListing]:
        """List messages and their sizes.

        Args:
            uid: Message number, from 1, or as a str the unique-id; `None` for all messages.

        Returns:
            A dictionary a message, with `uid` (the message number) and `size` (octets).

        Raises:
            Pop3Error: If there is no such message or it is marked deleted.

        RFC 1939 section 5.
        """
        return await self._read(commands.list_messages, self._session, uid)

    async def uid_list(self, uid: int | str | None = None) -> builtins.list[UniqueId]:
        """List messages and the ids that they keep over sessions.

        Args:
            uid: Message number, from 1, or as a str the unique-id; `None` for all messages.

        Returns:
            A dictionary a message, with `uid` (the message number) and `id` (its unique-id).

        Raises:
            Pop3Error: If the server has no UIDL, or there is no such message or unique-id.

        RFC 1939 section 7.
        """
        return await self._read(commands.uidl, self._session, uid)

    def scan_listings(self) -> AsyncResultIterator[ScanListing]:
        """List messages and their sizes, each as soon as it has come; `list()` returns them all.

        Returns:
            A dictionary a message, with `uid` (the message number) and `size` (octets), as many as
            the server has; no more are in memory than have arrived.

        RFC 1939 section 5.
        """
        return self._read_many(listing.scan_listings, self._session)

    def unique_ids(self) -> AsyncResultIterator[UniqueId]:
        """List messages and the ids that they keep, each as soon as it has come, as `uid_list()`.

        Returns:
            A dictionary a message, with `uid` (the message number) and `id` (its unique-id), as
            many as the server has; no more are in memory than have arrived.

        RFC 1939 section 7.
        """
        return self._read_many(listing.unique_ids, self._session)

    @overload
    async def retr(self, uid: int | str) -> bytes: ...

    @overload
    async def retr(
        self, uid: int | str, target: FileTarget, progress: OnProgress | None = None
    ) -> int: ...

    async def retr(
        self,
        uid: int | str,
        target: FileTarget | None = None,
        progress: OnProgress | None = None,
    ) -> bytes | int:
        """Fetch a whole message.

        Into a target it is written as it comes: memory does not grow with the message. Lines may
        have any length; a message has at most `limits.literal` octets.

        Args:
            uid: Message number, from 1 as in `list()`, or as a str the unique-id.
            target: A path, or a binary file that is open for writing and stays open; `None` to
                return the octets.
            progress: Called with the octets that are there, and with the size that LIST gives,
                after each piece; that LIST costs a round trip. What it raises passes to the
                caller, and the rest of the message is left. Only with a target.

        Returns:
            The octets as sent, dot-stuffing undone; line ends are CRLF if the server's are. With a
            target, how many these are.

        Raises:
            Pop3Error: If there is no such message or it is marked deleted; no file is made then.
            ProtocolError: If the message is longer than `limits.literal`.
            OSError: If the file cannot be written.

        RFC 1939 section 5.
        """
        return await self._read_or_download(
            partial(commands.retr, self._session, uid),
            partial(download.download, self._session, uid, progress),
            download.target_of(target, progress),
        )

    async def stat(self) -> Stat:
        """Count the messages and their octets.

        Returns:
            A dictionary with `count` (messages) and `size` (octets); deleted ones do not count.

        RFC 1939 section 5.
        """
        return await self._read(commands.stat, self._session)

    async def delete(self, uid: int | str) -> None:
        """Mark a message as deleted; `quit()` deletes it, `rset()` unmarks it.

        Args:
            uid: Message number, from 1 as in `list()`, or as a str the unique-id.

        Raises:
            Pop3Error: If there is no such message or it is marked deleted.

        RFC 1939 section 5.
        """
        await self._run(commands.dele(self._session, uid))

    async def dele(self, uid: int | str) -> None:
        """Do as `delete()`, under the name on the wire.

        Args:
            uid: Message number, from 1 as in `list()`, or as a str the unique-id.

        Raises:
            Pop3Error: If there is no such message or it is marked deleted.

        RFC 1939 section 5.
        """
        await self._run(commands.dele(self._session, uid))

    async def noop(self) -> None:
        """Keep the connection alive (NOOP); costs one round trip.

        Raises:
            Pop3Error: If the server refuses.

        RFC 1939 section 5.
        """
        await self._read(self._session.noop)

    async def rset(self) -> None:
        """Unmark the messages that were marked as deleted.

        Raises:
            Pop3Error: If the server refuses.

        RFC 1939 section 5.
        """
        await self._run(commands.rset(self._session))

    async def top(self, uid: int | str, count: int = 0) -> bytes:
        """Fetch a message's header and the first lines of its body.

        Args:
            uid: Message number, from 1 as in `list()`, or as a str the unique-id.
            count: How many body lines; 0 for the header only.

        Returns:
            The octets as sent, dot-stuffing undone; line ends are CRLF if the server's are.

        Raises:
            CapabilityError: If the server does not offer TOP.
            Pop3Error: If there is no such message or it is marked deleted.

        RFC 1939 section 7.
        """
        return await self._read(commands.top, self._session, uid, count)

    def retr_many(self, uids: MessageIds) -> AsyncResultIterator[Pop3Message]:
        """Fetch many messages, each handed over as soon as it has come.

        Where the server offers PIPELINING, the commands are sent without a wait, about a megabyte
        of messages ahead; `pipelining="off"` prevents that. A server that drops the connection at
        it gets one at a time over another one: by itself where no message is marked as deleted and
        the unique-ids of before are known (`uid_list()`, or a str among `uids`), else from the
        next call on. Nothing is sent before the first message is asked for, and no more is in
        memory than what has arrived. `AsyncResultIterator` says what a loop may do, and how to
        leave it.

        Args:
            uids: Message numbers, from 1, or as str unique-ids.

        Returns:
            The messages, in the order of `uids`; one that the server refuses costs no other, and
            its `content` raises the refusal.

        Raises:
            UsageError: If one is no message number and no unique-id.

        RFC 1939 section 5; RFC 2449 section 6.6.
        """
        return self._read_many(many.retr_many, self._session, uids)

    def top_many(self, uids: MessageIds, count: int = 0) -> AsyncResultIterator[Pop3Message]:
        """Fetch the headers and first lines of many messages, as `retr_many()` does whole ones.

        Args:
            uids: Message numbers, from 1, or as str unique-ids.
            count: How many body lines; 0 for the header only.

        Returns:
            The messages, in the order of `uids`.

        Raises:
            UsageError: If one is no message number and no unique-id, or the count is no count.
            CapabilityError: If the server does not offer TOP; at the first message.

        RFC 1939 section 7; RFC 2449 section 6.6.
        """
        return self._read_many(many.top_many, self._session, uids, count)

    async def delete_many(self, uids: MessageIds) -> None:
        """Mark many messages as deleted, as `delete()` does one; pipelined as `retr_many()`.

        Args:
            uids: Message numbers, from 1, or as str unique-ids.

        Raises:
            DeletionsRefused: If the server refuses some; all others are marked.
            UsageError: If one is no message number and no unique-id; nothing is marked then.

        RFC 1939 section 5; RFC 2449 section 6.6.
        """
        await self._run(many.delete_many(self._session, uids))

    def mails(
        self, since: MaildropState | None = None, *, delete: bool = False
    ) -> "AsyncResultIterator[Mail]":
        """Fetch and read the messages that are new since a state, each as soon as it has come.

        `since` is kept up to date: a message is in it as soon as the next one is asked for, or the
        loop has ended. Store it with `to_dict()` at any time; what a loop was left with is handed
        over again by the next call. Nothing is sent before the first message is asked for;
        `AsyncResultIterator` says what a loop may do, and how to leave it.

        Args:
            since: What earlier calls have handed over; `None` for nothing, so that all messages
                are new.
            delete: Whether to mark each message as deleted, as soon as the next one is asked for;
                `quit()` deletes them. What an earlier call has marked in vain, because the
                connection was lost before QUIT, is marked again.

        Returns:
            The messages, in the order of the maildrop, each with its `uid`, the message number, and
            its `unique_id`.

        Raises:
            UsageError: If an argument is of the wrong type.
            Pop3Error: If the server has no UIDL; or if it has refused some messages: after all
                the others.
            DeletionsRefused: If it has refused to mark some as deleted; at the end.

        RFC 1939 sections 5 and 7.
        """
        return self._read_many(mails.mails, self._session, since, delete=delete)
