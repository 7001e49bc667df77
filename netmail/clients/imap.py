# Written by scripts/twins from async_imap.py: edit that file, not this one.
"""The blocking IMAP client.

This file knows only which flow each method runs; methods of mailboxes are in
`imap_mailboxes`, those of extensions in `imap_extensions`, those that search in
`imap_search`, those that follow what happens in one in `imap_live`, those that fetch in
`imap_fetch`.
"""

from collections.abc import Iterable
from typing import overload

from netmail.clients.imap_fetch import ImapFetch
from netmail.clients.imap_live import ImapLive
from netmail.clients.imap_search import ImapSearch
from netmail.clients.pipelining.pipeline import Pipeline
from netmail.clients.uploads.imap_uploads import ImapUploads
from netmail.flows.imap import (
    compress,
    copy,
    exec,
    expunge,
    move,
    select,
    store,
)
from netmail.flows.imap.resuming import resumption
from netmail.flows.imap.session import ImapSession
from netmail.options.options import MailProtocol
from netmail.results.imap import CopyResult, ImapState, RawResponse
from netmail.wire.imap.exec_result import ExecResult
from netmail.wire.imap.sequence_set import UidSet


class Imap(ImapUploads, ImapFetch, ImapSearch, ImapLive):
    r"""An IMAP account, RFC 9051 and RFC 3501.

    It connects at the first command, or by `connect()`. Messages are named by UID everywhere; a set
    of them is an int, an iterable of ints, or an IMAP set such as "1:5,9,20:*". Methods with a
    `path` or `folder` work on that mailbox; if it is `None`, on the selected mailbox, else on the
    mailbox of the URL, else on INBOX. They select it only if it is not selected already. If a
    mailbox's UIDVALIDITY has changed since it was selected last, they raise `StateError` until
    `select()` has returned the new one.

    Every method raises `ImapError` if the server refuses, and `TransportError` or `ProtocolError`
    if the connection fails; the connection survives only the former.
    """

    _protocol = MailProtocol.IMAP
    _session_type = ImapSession
    _resumption_of = staticmethod(resumption)
    _session: ImapSession

    # -- the session -------------------------------------------------------------------------

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server offers, in upper case; empty before the first command. No round trip."""
        return self._session.capabilities

    @property
    def state(self) -> ImapState:
        """Where the session is: not authenticated, authenticated, selected or logout."""
        return self._session.state

    @property
    def is_authenticated(self) -> bool:
        """Whether the login is done."""
        return self._session.is_authenticated

    @property
    def selected(self) -> str | None:
        """The selected mailbox, or `None`."""
        return self._session.selected

    @property
    def alerts(self) -> list[str]:
        """Texts that the server wants shown to the user, the newest last; at most 100."""
        return self._session.alerts

    @property
    def unparsed(self) -> list[RawResponse]:
        """Responses that were not understood, the newest last; at most 100."""
        return self._session.unparsed

    def capability(self) -> list[str]:
        """Ask what the server offers.

        RFC 9051 section 6.1.1.
        """
        return self._read(self._session.capability)

    def noop(self) -> bool:
        """Do nothing, so that the server can send updates of the selected mailbox.

        RFC 9051 section 6.1.2.
        """
        return self._read(self._session.noop)

    def exec(self, command: str, path: str | None = None) -> ExecResult:
        """Send a command as it is written.

        Args:
            command: The command with its arguments, on one line, without its tag.
            path: A mailbox to select before; `None` for none.

        Returns:
            The untagged responses, each on a line, then the tagged response without its tag. It is
            a str, in which literals are quoted; its `values()` are the responses parsed.

        Raises:
            ImapError: If the server refuses.
            UsageError: If it holds a line end or a literal, or would change the session's state
                without netmail's knowledge (SELECT, LOGOUT, IDLE ...); the error names what to use.

        RFC 9051 section 2.2.
        """
        return self._run(exec.exec(self._session, command, path))

    def pipeline(self) -> Pipeline:
        """Collect calls whose commands are sent together, at the end of a `with` block.

            with imap.pipeline() as p:
                numbers = p.status("Archive", "MESSAGES UNSEEN")
                unseen = p.search("UNSEEN")
            numbers.result(), unseen.result()

        Many small calls then cost about one round trip. `Pipeline` says what waits for what,
        and what is known if the connection is lost.

        RFC 9051 section 5.5.
        """
        return Pipeline(self._connection, self._session)

    # -- messages ----------------------------------------------------------------------------

    def check(self) -> bool:
        """Ask for a checkpoint of the selected mailbox.

        Raises:
            StateError: If none is selected.

        RFC 3501 section 6.4.1.
        """
        return self._read(select.check, self._session)

    def close(self) -> bool:
        r"""Delete what is flagged \Deleted in the selected mailbox, and leave the mailbox.

        Nothing is deleted if `examine()` opened it. The connection stays open: `quit()` ends it.

        Raises:
            StateError: If none is selected.

        RFC 9051 section 6.4.1.
        """
        return self._run(select.close(self._session))

    def compress(self) -> bool:
        """Compress everything that is sent and received on this connection from now on.

        Text shrinks to a third or less, at the cost of processor time: worth it on a slow line.
        A later connection of the same client begins without compression.

        Returns:
            True, also if compression is on already, which costs no round trip.

        Raises:
            CapabilityError: If the server has no COMPRESS=DEFLATE.
            ImapError: If it refuses, such as over TLS that compresses by itself.

        RFC 4978.
        """
        return self._read(compress.compress, self._session)

    def expunge(self, path: str | None = None, uids: UidSet | None = None) -> bool:
        r"""Delete for good what is flagged \Deleted.

        Args:
            path: The mailbox; `None` for the selected one.
            uids: Only those among these UIDs; `None` for all, also those that others flagged.

        Raises:
            CapabilityError: If `uids` are given and the server has no UIDPLUS.
            StateError: If `examine()` opened the mailbox.

        RFC 9051 section 6.4.3; RFC 4315 section 2.1.
        """
        return self._run(expunge.expunge(self._session, path, uids))

    def copy(self, id: UidSet, destination: str, path: str | None = None) -> CopyResult:
        """Copy messages to the end of another mailbox.

        Args:
            id: UIDs.
            destination: The other mailbox.
            path: Where they are; `None` for the selected mailbox.

        Returns:
            Their UIDs before and after, where the server sends them (UIDPLUS).

        Raises:
            ImapError: If the server refuses; code "TRYCREATE" if there is no such mailbox.

        RFC 9051 section 6.4.7.
        """
        return self._run(copy.copy(self._session, id, destination, path))

    def move(self, id: UidSet, destination: str, path: str | None = None) -> CopyResult:
        r"""Move messages to the end of another mailbox.

        Where the server lacks MOVE, they are copied, flagged \Deleted, and expunged by UID.

        Args:
            id: UIDs.
            destination: The other mailbox.
            path: Where they are; `None` for the selected mailbox.

        Returns:
            Their UIDs before and after, where the server sends them (UIDPLUS).

        Raises:
            CapabilityError: If the server has neither MOVE nor UIDPLUS; nothing is done then.
            StateError: If `examine()` opened the mailbox.
            ImapError: If the server refuses; code "TRYCREATE" if there is no such mailbox.

        RFC 9051 section 6.4.8; RFC 6851.
        """
        return self._run(move.move(self._session, id, destination, path))

    @overload
    def store(
        self, id: UidSet, command: str, flags: str | Iterable[str], path: str | None = None
    ) -> bool: ...

    @overload
    def store(
        self,
        id: UidSet,
        command: str,
        flags: str | Iterable[str],
        path: str | None = None,
        *,
        unchanged_since: int,
    ) -> tuple[int, ...]: ...

    def store(
        self,
        id: UidSet,
        command: str,
        flags: str | Iterable[str],
        path: str | None = None,
        *,
        unchanged_since: int | None = None,
    ) -> bool | tuple[int, ...]:
        r"""Change messages' flags.

        Args:
            id: UIDs.
            command: "FLAGS" to replace, "+FLAGS" to add, "-FLAGS" to remove; with ".SILENT" after
                it the server does not send the new flags. "X-GM-LABELS" in place of "FLAGS" changes
                Gmail's labels.
            flags: Flags such as r"\Seen \Flagged" or ["$Forwarded"]; of labels, one or several.
            path: Where they are; `None` for the selected mailbox.
            unchanged_since: Only messages whose modification sequence is not larger; `None` for
                all.

        Returns:
            True; with `unchanged_since`, the UIDs of messages that have changed since, and were
            left as they are.

        Raises:
            CapabilityError: If labels are to be changed and the server has no X-GM-EXT-1; if
                `unchanged_since` is given and it has no CONDSTORE.
            StateError: If `examine()` opened the mailbox.

        RFC 9051 section 6.4.6; RFC 7162 section 3.1.3.
        """
        return self._run(
            store.store(self._session, id, command, flags, path, unchanged_since=unchanged_since)
        )
