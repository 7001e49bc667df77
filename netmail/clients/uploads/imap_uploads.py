# Written by scripts/twins from async_imap_uploads.py: edit that file, not this one.
"""The blocking IMAP client's methods that put messages into mailboxes.

This file knows only which flow each method runs.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from netmail.clients.client import Client
from netmail.flows.file_target import OnProgress
from netmail.flows.imap.session import ImapSession
from netmail.flows.imap.uploads import append, append_many, catenate, replace
from netmail.flows.imap.uploads.append_many import Uploads
from netmail.flows.imap.uploads.catenate import MessageParts
from netmail.results.imap import AppendResult
from netmail.results.pending import Pending

if TYPE_CHECKING:
    from netmail.mime.stored import Storable

# A list of results; a client has a method `list`.
Appended: TypeAlias = list[Pending[AppendResult]]


class ImapUploads(Client):
    """Messages put into mailboxes."""

    _session: ImapSession

    def append(
        self,
        folder: str,
        message: "Storable",
        flags: str | Iterable[str] = (),
        date: datetime | None = None,
        progress: OnProgress | None = None,
    ) -> AppendResult:
        r"""Put a message into a mailbox.

        Args:
            folder: The mailbox.
            message: A `Message`, an `EmailMessage`, a `Mail`, octets, a `Path`, or a binary file,
                which is read from where it is. What is in files is read while it is sent, and no
                more than a few blocks of it is in memory; its size is measured before. Bare CR and
                LF become CRLF, except in a message that holds NUL or is labelled as binary.
            flags: Flags to set, such as r"\Seen".
            date: Its internal date, with a time zone; `None` for the time of the server.
            progress: Called after each piece with how many octets are sent, and how many there
                are.

        Returns:
            Its UID and the mailbox's UIDVALIDITY, where the server sends them (UIDPLUS).

        Raises:
            ImapError: If the server refuses; code "TRYCREATE" if there is no such mailbox.
            UsageError: If the message is empty, or larger than the server takes (APPENDLIMIT).
            CapabilityError: If it holds NUL, or bare CR or LF in binary content, and the server
                lacks BINARY.
            MessageError: If it cannot be written, or there is no such file; if a file changes while
                it is sent, and the connection is closed then.

        RFC 9051 section 6.3.12; RFC 3516 section 4.4 (BINARY).
        """
        return self._run(
            append.append(self._session, folder, message, flags, date, progress=progress)
        )

    def append_many(
        self,
        folder: str,
        messages: Uploads,
        flags: str | Iterable[str] = (),
        date: datetime | None = None,
        progress: OnProgress | None = None,
        *,
        atomic: bool = False,
    ) -> Appended:
        r"""Put many messages into a mailbox, several at a time in flight.

        With LITERAL+ or LITERAL- a round trip carries about a megabyte of messages; without, it
        carries one message. The first message with some flags goes alone, so that a server that
        refuses them refuses nothing else.

        Args:
            folder: The mailbox.
            messages: Messages as for `append()`, or `Upload`s with flags and dates of their own.
                Each is taken when there is room for it: a generator never has more than about a
                megabyte of messages, or one, in memory.
            flags: Flags of all that have none of their own.
            date: Internal date of all that have none of their own.
            progress: Called with how many octets of messages are sent, and `None`, for how many
                there will be is not known.
            atomic: Whether to put in all of them or, if the server refuses one, none (MULTIAPPEND).
                All are taken before anything is sent, and those that are no files are in memory
                together; a command has room for about a thousand.

        Returns:
            A `Pending` for each message, in their order: its `result()` is that of `append()`. If
            the connection is lost, nothing raises: `error` and `is_sent` say what is certain of
            each, and messages that were not taken have none.

        Raises:
            UsageError: If the mailbox or the flags are wrong, or with `atomic` any message; nothing
                was sent then.
            ImapError: With `atomic`, if the server refuses one; which it was, is not sent.
            CapabilityError: With `atomic`, if the server has no MULTIAPPEND.

        RFC 9051 section 6.3.12; RFC 7888; RFC 3502 (MULTIAPPEND).
        """
        return self._run(
            append_many.append_many(
                self._session, folder, messages, flags, date, progress=progress, atomic=atomic
            )
        )

    def append_catenated(
        self,
        folder: str,
        parts: MessageParts,
        flags: str | Iterable[str] = (),
        date: datetime | None = None,
    ) -> AppendResult:
        r"""Put a message into a mailbox that the server puts together, without fetching its parts.

        Args:
            folder: The mailbox.
            parts: What the message consists of, in its order: octets, paths and open files as for
                `append()`, and `MessageUrl`s for what the server has already.
            flags: Flags to set, such as r"\Draft".
            date: Its internal date, with a time zone; `None` for the time of the server.

        Returns:
            Its UID and the mailbox's UIDVALIDITY, where the server sends them (UIDPLUS).

        Raises:
            CapabilityError: If the server has no CATENATE.
            ImapError: If the server refuses; code "BADURL" for a URL that names nothing, which is
                the error's `value`, and "TOOBIG" for a message that is too large.
            UsageError: If there are no parts, or one of them is empty or holds NUL.

        RFC 4469.
        """
        return self._run(catenate.append_catenated(self._session, folder, parts, flags, date))

    def replace(
        self,
        uid: int,
        message: "Storable",
        folder: str | None = None,
        flags: str | Iterable[str] = (),
        *,
        date: datetime | None = None,
        path: str | None = None,
        progress: OnProgress | None = None,
    ) -> AppendResult:
        r"""Put a message in the place of another, such as a draft in that of its earlier state.

        Without REPLACE it is APPEND, UID STORE and UID EXPUNGE: if one of them fails, the old
        message is still there, and with it perhaps the new one.

        Args:
            uid: The old message, in the mailbox `path`.
            message: The new message, as for `append()`.
            folder: Where the new message goes; `None` for the mailbox of the old one.
            flags: Flags of the new message; the old one's are not taken over.
            date: Its internal date, with a time zone; `None` for the time of the server.
            path: The mailbox of the old message.
            progress: As for `append()`.

        Returns:
            The new message's UID and its mailbox's UIDVALIDITY, where the server sends them.

        Raises:
            CapabilityError: If the server has neither REPLACE nor UIDPLUS.
            StateError: If the mailbox is read-only, or the old message is gone; nothing is put in.
            ImapError: If the server refuses.
            UsageError: As for `append()`.

        RFC 8508 section 3.4.
        """
        return self._run(
            replace.replace(
                self._session,
                uid,
                message,
                folder,
                flags,
                date=date,
                mailbox=path,
                progress=progress,
            )
        )
