"""The header fields of a message as values: addresses, dates, identifiers.

This file knows which field is read how; the grammars are in files of their own, of which the rare
ones are loaded when a field needs them. Every value is computed once.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from netmail.address import Address, Group, mailboxes
from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.fields.dates import parse_date
from netmail.mime.fields.headers import Headers
from netmail.mime.fields.msg_ids import base_subject, message_ids
from netmail.mime.lazy import Lazy

if TYPE_CHECKING:
    from netmail.mime.fields.authentication_results import AuthenticationResults
    from netmail.mime.fields.list_headers import ListId
    from netmail.mime.fields.received import Received

_REPEATED = frozenset(["to", "cc", "bcc"])
"""Fields of which all are read: a mailer that repeats them means all recipients.

RFC 5322 section 3.6 allows one of each, the obsolete syntax of section 4.5 any number.
"""


class MessageHeaders:
    """Typed access to the fields of a message.

    Of a field that is repeated although it may occur once only, the first counts.

    Attributes:
        headers: All fields.
        limits: Bounds for what is read.
    """

    # Of the fields that RFC 5322 section 3.6 allows once the first counts, in every view alike:
    # what is checked is what is shown.
    headers: Headers
    limits: MessageLimits = DEFAULT_LIMITS

    @Lazy
    def subject(self) -> str:
        """The subject, decoded; "" if there is none."""
        return self.headers.get("subject") or ""

    @Lazy
    def from_(self) -> list[Address]:
        """The authors: From."""
        return self._mailboxes("from")

    @Lazy
    def sender(self) -> Address | None:
        """The mailbox that sent it for the authors: Sender; `None` if there is none."""
        return next(iter(self._mailboxes("sender")), None)

    @Lazy
    def reply_to(self) -> list[Address]:
        """The addresses for replies: Reply-To; empty if replies go to From."""
        return self._mailboxes("reply-to")

    @Lazy
    def to(self) -> list[Address]:
        """The recipients, groups flattened: To."""
        return self._mailboxes("to")

    @Lazy
    def cc(self) -> list[Address]:
        """The recipients of copies: Cc."""
        return self._mailboxes("cc")

    @Lazy
    def bcc(self) -> list[Address]:
        """The recipients of blind copies: Bcc, in drafts and sent mail."""
        return self._mailboxes("bcc")

    @Lazy
    def return_path(self) -> str | None:
        """The address of Return-Path; "" for the null reverse-path, `None` without the field."""
        # path = angle-addr / ([CFWS] "<" [CFWS] ">" [CFWS])    RFC 5322 section 3.6.7
        found = self._mailboxes("return-path")
        return found[0].address if found else None

    def groups(self, name: str) -> list[Address | Group]:
        """Read an address field with its groups kept.

        Args:
            name: The field: "to", "cc", any other that consists of addresses. Of To, Cc and Bcc
                all fields are read, of the others the first.

        Returns:
            `Address` and `Group` values in order.

        RFC 5322 section 3.4.
        """
        if name.lower() not in _REPEATED:
            text = self.headers.first_text(name.lower())
            return self.headers.addresses(text) if text else []
        # The bound is for all fields together: a thousand To fields are as long as one.
        found: list[Address | Group] = []
        for raw in self.headers.raw_all(name):
            found += self.headers.addresses(self.headers.text(raw))
            if len(found) >= self.limits.addresses:
                break
        return found

    def _mailboxes(self, name: str) -> list[Address]:
        return mailboxes(self.groups(name))

    @Lazy
    def date(self) -> datetime | None:
        """The time of writing, aware; `None` if Date is missing or cannot be read.

        RFC 5322 section 3.6.1.
        """
        text = self.headers.first_text("date")
        return parse_date(text) if text else None

    @Lazy
    def message_id(self) -> str | None:
        """The Message-ID with its angle brackets; `None` if there is none."""
        return next(iter(self._ids("message-id")), None)

    @Lazy
    def in_reply_to(self) -> list[str]:
        """The identifiers of the messages that this one replies to."""
        return self._ids("in-reply-to")

    @Lazy
    def references(self) -> list[str]:
        """The identifiers of the thread, the first message first."""
        return self._ids("references")

    def _ids(self, name: str) -> list[str]:
        text = self.headers.first_text(name)
        return message_ids(text, self.limits.references) if text else []

    def thread_subject(self) -> str:
        """The subject without the marks of replies, forwards and lists.

        RFC 5256 section 2.1.
        """
        return base_subject(self.subject)

    @Lazy
    def list_id(self) -> "ListId | None":
        """The mailing list that sent it; `None` if none.

        RFC 2919.
        """
        from netmail.mime.fields.list_headers import list_id

        return list_id(self.headers.get("list-id"))

    @Lazy
    def list_unsubscribe(self) -> list[str]:
        """The URLs of List-Unsubscribe, in the list's order of preference.

        RFC 2369 section 3.2.
        """
        from netmail.mime.fields.list_headers import list_urls

        return list_urls(self.headers.get("list-unsubscribe"))

    @property
    def one_click_unsubscribe(self) -> bool:
        """Whether a POST to the https URL of `list_unsubscribe` is enough.

        RFC 8058.
        """
        # List-Unsubscribe-Post: List-Unsubscribe=One-Click      RFC 8058 section 3.1
        value = self.headers.get("list-unsubscribe-post") or ""
        return "list-unsubscribe=one-click" in value.lower().replace(" ", "")

    @Lazy
    def received(self) -> "list[Received]":
        """The path that it took, the last hop first.

        RFC 5321 section 4.4.
        """
        from netmail.mime.fields.received import received

        texts = (self.headers.text(raw) for raw in self.headers.raw_all("received"))
        return [received(text) for text in texts]

    @Lazy
    def authentication_results(self) -> "list[AuthenticationResults]":
        """What receiving servers found about SPF, DKIM and DMARC, the last server first.

        Every sender can write this field: trust only those whose `server` is your own.

        RFC 8601.
        """
        from netmail.mime.fields.authentication_results import (
            authentication_results,
        )

        texts = (self.headers.text(raw) for raw in self.headers.raw_all("authentication-results"))
        return [authentication_results(text) for text in texts]
