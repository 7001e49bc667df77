"""The setters that most messages do without: dates, priorities, lists, calendars, fixed octets.

This file must not know how a message is written.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from netmail.address import Address, addr_spec
from netmail.errors import MessageError, UsageError
from netmail.mime.writer.calendar import calendar_files
from netmail.mime.writer.draft import Draft
from netmail.mime.writer.input_address import AddressInput, address_list
from netmail.mime.writer.lists import list_headers, unsubscribe_headers
from netmail.text import check_text

_PRIORITIES = {"highest": 1, "high": 2, "normal": 3, "low": 4, "lowest": 5}
_IMPORTANCE = ("high", "high", "normal", "low", "low")

# bchars := bcharsnospace / " "                               RFC 2046 section 5.1.1
# Of them letters and digits, which no reader mistakes; 40 leave room for netmail's own.
_SEED = re.compile(r"[A-Za-z0-9]{1,40}")

# msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]         RFC 5322 section 3.6.4
# Also without "@": replies must refer to identifiers as they are.
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")


class MessageOptions:
    """The setters that most messages do without; each returns the message."""

    __slots__ = ()

    _draft: Draft

    def sender(self, sender: AddressInput) -> Self:
        """Set the mailbox that sends the message for its authors; also the envelope's sender.

        Args:
            sender: One address, as for `from_`.

        Raises:
            MessageError: If it is not exactly one address.

        RFC 5322 section 3.6.2.
        """
        found = address_list(sender, "sender")
        if len(found) != 1 or not isinstance(found[0], Address):
            raise MessageError("sender: give exactly one address")
        self._draft.sender = found[0]
        return self

    def return_path(self, address: str) -> Self:
        """Set the address for delivery failures: the envelope's sender, and no header.

        Args:
            address: A bare address; "" for the null reverse-path, of messages to which no program
                may reply.

        Raises:
            MessageError: If it is no address.

        RFC 5321 section 4.5.5.
        """
        text = check_text(address, "return path", MessageError)
        bare = text.strip()
        if bare.startswith("<") and bare.endswith(">"):
            bare = bare[1:-1]
        self._draft.return_path = addr_spec(bare, "return path", MessageError) if bare else ""
        return self

    def date(self, date: datetime) -> Self:
        """Set the date; by default it is the time of the first writing.

        Args:
            date: A datetime; one without time zone is local time.

        Raises:
            UsageError: If it is no datetime.

        RFC 5322 section 3.6.1.
        """
        if not isinstance(date, datetime):
            raise UsageError(f"date: {type(date).__name__} is not a datetime")
        self._draft.date = date if date.tzinfo else date.astimezone()
        return self

    def message_id(self, message_id: str) -> Self:
        """Set the identifier; by default one is generated at the first writing.

        Args:
            message_id: "<left@right>"; the angle brackets may be omitted.

        Raises:
            MessageError: If it has a space or a character outside ASCII.

        RFC 5322 section 3.6.4.
        """
        text = check_text(message_id, "message id", MessageError)
        bare = text.strip().removeprefix("<").removesuffix(">")
        if not _MESSAGE_ID.fullmatch(f"<{bare}>"):
            raise MessageError(f"message id: {message_id[:80]!r} is not of the form <left@right>")
        self._draft.message_id = f"<{bare}>"
        return self

    def seed(self, seed: str) -> Self:
        """Set the part of boundaries and content identifiers that makes them unique.

        With this, `date` and `message_id` the same message always has the same octets. Do not set
        it otherwise: no sender can write an unpredictable boundary into a text.

        Args:
            seed: 1 to 40 letters and digits.

        Raises:
            MessageError: If it has other characters.
        """
        if not _SEED.fullmatch(check_text(seed, "seed", MessageError)):
            raise MessageError("seed: give 1 to 40 ASCII letters and digits")
        self._draft.seed, self._draft.texts = seed, None
        return self

    def encoding(self, charset: str) -> Self:
        """Set the charset of the texts; UTF-8 is used for characters that it lacks.

        Args:
            charset: A charset that ASCII is part of, such as "iso-8859-1".

        Raises:
            MessageError: If it is unknown, or ASCII is no part of it.
        """
        check_text(charset, "encoding", MessageError)
        try:
            usable = "\r\n-Aa".encode(charset) == b"\r\n-Aa"
        except (LookupError, UnicodeError):
            usable = False
        if not usable or not re.fullmatch(r"[A-Za-z0-9_.:-]{1,40}", charset):
            raise MessageError(f"encoding: {charset[:40]!r} is no charset for mail; use 'utf-8'")
        self._draft.charset = charset.lower()
        return self

    def organization(self, organization: str) -> Self:
        """Set the Organization header."""
        return self._set("Organization", organization)

    def priority(self, priority: int | str) -> Self:
        """Set X-Priority and Importance.

        Args:
            priority: 1 (highest) to 5 (lowest), or "highest high normal low lowest".

        Raises:
            UsageError: If it is none of these.
        """
        given = str(priority).lower()
        number = _PRIORITIES.get(given) or (int(given) if given in {*"12345"} else 0)
        if not number:
            raise UsageError(f"priority: {priority!r}; give 1 to 5, or one of {[*_PRIORITIES]}")
        self._set("Importance", _IMPORTANCE[number - 1])
        return self._set("X-Priority", str(number))

    def notify(self, address: AddressInput) -> Self:
        """Ask for a disposition notification, to be sent to this address when the mail is read.

        Raises:
            MessageError: If it is no address.

        RFC 8098 section 2.1.
        """
        addresses = address_list(address, "notify")
        if not addresses:
            raise MessageError("notify: give an address")
        self._drop("Disposition-Notification-To")
        self._draft.address_headers.append(("Disposition-Notification-To", addresses))
        return self

    def auto_submitted(self, kind: str = "auto-generated") -> Self:
        """Mark the message as written by a program, so that no program replies to it.

        Args:
            kind: "auto-generated", "auto-replied", "auto-notified", or "no" for a human author.

        Raises:
            UsageError: If it is none of these.

        RFC 3834 section 5.
        """
        if check_text(kind, "auto_submitted", MessageError) not in {
            "auto-generated",
            "auto-replied",
            "auto-notified",
            "no",
        }:
            raise UsageError(f"auto_submitted: {kind!r} is no keyword of RFC 3834 section 5")
        return self._set("Auto-Submitted", kind)

    def mailing_list(
        self,
        list_id: str,
        name: str = "",
        *,
        post: str | Iterable[str] | None = None,
        help: str | Iterable[str] | None = None,
        subscribe: str | Iterable[str] | None = None,
        owner: str | Iterable[str] | None = None,
        archive: str | Iterable[str] | None = None,
    ) -> Self:
        """Set the headers of the mailing list that sends the message.

        Args:
            list_id: The list's identifier, such as "devel.example.org".
            name: The list's name for display.
            post: For messages to the list: a URL, an address, or several.
            help: For help.
            subscribe: For subscribing; see also `unsubscribe`.
            owner: For messages to the owner.
            archive: For old messages.

        Raises:
            MessageError: If the identifier or a URL is not valid.

        RFC 2369, RFC 2919.
        """
        for header, value in list_headers(
            list_id,
            name,
            help=help,
            subscribe=subscribe,
            post=post,
            owner=owner,
            archive=archive,
        ):
            self._set(header, value)
        return self

    def unsubscribe(self, *urls: str, one_click: bool = False) -> Self:
        """Set how to unsubscribe.

        Args:
            *urls: URLs (https, http, mailto) or addresses.
            one_click: Promise that a POST to the https URL unsubscribes at once.

        Raises:
            MessageError: If there is no URL, one is not valid, or one click has no https URL.

        RFC 2369 section 3.2, RFC 8058.
        """
        self._drop("List-Unsubscribe-Post")
        for header, value in unsubscribe_headers(urls, one_click=one_click):
            self._set(header, value)
        return self

    def calendar(
        self, ics: str | bytes, method: str | None = None, name: str = "invite.ics"
    ) -> Self:
        """Set a calendar object: an invitation, a reply to one, or a cancellation.

        Programs that know calendars show it instead of the texts; it is attached for others.

        Args:
            ics: The iCalendar object.
            method: REQUEST, REPLY, CANCEL ...; `None` for the object's own.
            name: The attached file's name.

        Raises:
            MessageError: If it is no calendar object, or the methods are missing or differ.

        RFC 5545 section 3.7.2, RFC 6047.
        """
        check_text(name, "attachment name", MessageError)
        self._draft.calendar, self._draft.invitation = calendar_files(ics, method, name)
        return self

    def text_from_html(self) -> Self:
        """Make the plain text from the HTML if no `text()` is set."""
        self._draft.text_from_html, self._draft.texts = True, None
        return self

    def inline_images(self) -> Self:
        """Make images in "data:" URLs of the HTML parts of the message; most readers need it."""
        self._draft.inline_images, self._draft.texts = True, None
        return self

    def _set(self, name: str, value: str) -> Self:
        self._drop(name)
        self._draft.headers.append((name, check_text(value, name, MessageError)))
        return self

    def _drop(self, name: str) -> None:
        lower, draft = name.lower(), self._draft
        draft.headers = [item for item in draft.headers if item[0].lower() != lower]
        draft.address_headers = [item for item in draft.address_headers if item[0].lower() != lower]
