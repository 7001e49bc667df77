"""The mailboxes of one user: pymap's in memory, with keywords and with netmail's reading of mail.

This file must not know users, nor a protocol's commands.
"""

from datetime import UTC, datetime

from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage, LoadedMessageInterface
from pymap.mailbox import MailboxSnapshot
from pymap.mime import MessageBody, MessageContent, MessageHeader
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement, ObjectId
from pymap.parsing.specials.flag import Flag, Recent, Wildcard

from netmail.testing.imap.message import ImapMessage

NOT_STORED = frozenset({Wildcard, Recent})
"""What no client can set: RFC 9051 section 2.3.2, and the wildcard, which is no flag."""


class Content(MessageContent):
    """A message's octets, which its copies share; nothing of pymap's parsing is in it."""

    def __init__(self, octets: bytes) -> None:
        super().__init__(octets, MessageHeader.empty(), MessageBody.empty())
        self._octets = octets

    def __bytes__(self) -> bytes:
        return self._octets


class StoredContent(Message):
    """A message in a mailbox."""

    async def load_content(  # type: ignore[override]  # its interface asks for no more
        self, requirement: FetchRequirement
    ) -> LoadedMessageInterface:
        """Return the message with its octets."""
        octets = b"" if self._content is None else bytes(self._content)
        return ImapMessage(self, requirement, octets)


class Snapshot(MailboxSnapshot):
    """A mailbox's state, with the keywords in it.

    Args:
        state: The state without them.
        keywords: The flags that some message has.
    """

    def __init__(self, state: MailboxSnapshot, keywords: frozenset[Flag]) -> None:
        super().__init__(
            state.mailbox_id,
            state.readonly,
            state.uid_validity,
            state.permanent_flags,
            state.session_flags,
            state.exists,
            state.recent,
            state.unseen,
            state.first_unseen,
            state.next_uid,
        )
        self._keywords = keywords

    @property
    def flags(self) -> frozenset[Flag]:
        """What FLAGS lists: not the wildcard of PERMANENTFLAGS (RFC 9051 section 7.1)."""
        return (super().flags | self._keywords) - {Wildcard}


class Mailbox(MailboxData):
    """A mailbox that keeps any keyword."""

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        r"""The system flags, and "\\*": new keywords can be created."""
        return super().permanent_flags | {Wildcard}

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        """Add a message; its octets are kept as they are."""
        content = Content(bytes(append_msg.literal))
        email_id = self._content_cache.add(content)
        async with self.messages_lock.write_lock():
            self._max_uid += 1
            message = StoredContent(
                self._max_uid,
                append_msg.when or datetime.now(UTC),
                append_msg.flag_set - NOT_STORED,
                email_id=email_id,
                thread_id=ObjectId(None),
                recent=recent,
                content=content,
            )
            self._messages[message.uid] = message
            self._mod_sequences.update([message.uid])
            self._updated.set()
            return message

    async def copy(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        """Copy a message with its flags."""
        return _adopted(await super().copy(uid, destination, recent=recent), destination)

    async def move(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        """Move a message with its flags."""
        return _adopted(await super().move(uid, destination, recent=recent), destination)

    async def get(self, uid: int, cached_msg: CachedMessage) -> Message:
        """Return a message, also one that was expunged since the client learned of it."""
        message = await super().get(uid, cached_msg)
        if isinstance(message, StoredContent):
            return message
        return StoredContent.copy(message, expunged=message.expunged)

    async def update(
        self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp
    ) -> Message:
        """Change a message's flags."""
        return await super().update(uid, cached_msg, flag_set - NOT_STORED, mode)

    async def snapshot(self) -> MailboxSnapshot:
        """Return the mailbox's state."""
        every = self._messages.values()
        keywords = frozenset(flag for message in every for flag in message.permanent_flags)
        return Snapshot(await super().snapshot(), keywords)


class Mailboxes(MailboxSet):
    """A user's mailboxes."""

    def __init__(self) -> None:
        super().__init__()
        self._inbox = self._new()

    async def add_mailbox(self, name: str) -> ObjectId:
        """Create a mailbox.

        Raises:
            ValueError: If it is there already.
        """
        await super().add_mailbox(name)
        async with self._set_lock.write_lock():
            self._set[name] = made = self._new()
        return made.mailbox_id

    async def rename_mailbox(self, before: str, after: str) -> None:
        """Rename a mailbox; INBOX is emptied into the new one (RFC 9051 section 6.3.6)."""
        inbox = self._inbox
        await super().rename_mailbox(before, after)
        if self._inbox is not inbox:
            self._inbox = self._new()

    def _new(self) -> Mailbox:
        return Mailbox(self._content_cache, self._thread_cache)


def _adopted(uid: int | None, destination: MailboxData) -> int | None:
    """Make a message that pymap has copied one of netmail's kind, and return its UID."""
    if uid is not None:
        copied = destination._messages[uid]  # noqa: SLF001 pymap returns the UID only
        destination._messages[uid] = StoredContent.copy(copied, recent=copied.recent)  # noqa: SLF001 the same
    return uid
