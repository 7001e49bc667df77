"""The messages of one client that wait to be sent, as SMTP sends them.

This file must not know servers and replies: only what SMTP demands of a message.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from netmail.delivery_options import DeliveryOptions, RecipientOptions
from netmail.envelope import Envelope, LargeContent
from netmail.errors import MessageError, UsageError
from netmail.flows.smtp.content import long_line, refuse_hidden_end, without_bcc
from netmail.text import strings
from netmail.wire import dot
from netmail.wire.smtp_path import forward_path, reverse_path

if TYPE_CHECKING:
    from netmail.mime.outgoing import Sendable


class Recipient(NamedTuple):
    """One recipient.

    Attributes:
        address: The address as it was given.
        path: The forward-path as RCPT has it.
        options: What is asked for it, or `None`.
    """

    address: str
    path: bytes
    options: RecipientOptions | None = None


@dataclass(slots=True)
class MailObject:
    """A message and the recipients that it may still be sent to.

    Attributes:
        sender: The sender as it was given.
        path: The reverse-path as MAIL has it.
        pending: The recipients that are neither accepted nor refused for good, in order.
        unconfirmed: The recipients whose final reply is awaited, or was lost in the last
            transaction: the message is never sent to them again by itself.
        doubtful: Those whose final reply was lost in an earlier transaction: only a positive reply
            to another copy ends the doubt.
        unrepeatable: The paths that the present call sends no other copy to: they were refused
            for good, or are in doubt since an earlier call.
        content: The octets, every line ended by CRLF, without dot-stuffing; those of a large
            message are written when they are sent.
        message_id: The Message-ID field's value, or "".
        eight_bit: Whether the content has octets over 127.
        utf8: Whether the header or the sender needs SMTPUTF8.
        options: What is asked of the servers that deliver it, or `None`.
        binary: Whether it has NUL, or lines that are longer than SMTP allows.
        forms: The same message with its attachments encoded, and as they are; `content` is one of
            them. `None` if it has one form only.
        is_plain: Whether any server can take it: there are no options, and its addresses and its
            header are ASCII.

    RFC 5321 section 2.3.1.
    """

    sender: str
    path: bytes
    pending: tuple[Recipient, ...]
    content: bytes | LargeContent
    message_id: str
    eight_bit: bool
    utf8: bool
    unconfirmed: tuple[Recipient, ...] = ()
    doubtful: tuple[Recipient, ...] = ()
    unrepeatable: frozenset[bytes] = frozenset()
    options: DeliveryOptions | None = None
    binary: bool = False
    is_plain: bool = False
    forms: tuple[bytes | LargeContent, bytes | LargeContent] | None = None

    def choose_form(self, *, binary: bool) -> None:
        """Choose between the two forms of a message that has two."""
        if self.forms is not None:
            self.content, self.binary = self.forms[binary], binary

    def hand_over(self, accepted: tuple[Recipient, ...]) -> None:
        """Record that the content is sent for `accepted`, which may have it from now on."""
        # RFC 1047: a client that repeats a message after a lost reply delivers it twice. What the
        # next reply says is not about the recipients of the transaction before.
        if self.unconfirmed:
            self.doubtful = self.uncertain
        self.unconfirmed = accepted
        # Usually all of them.
        if accepted == self.pending:
            self.pending = ()
            return
        paths = {recipient.path for recipient in accepted}
        self.pending = tuple(each for each in self.pending if each.path not in paths)

    def confirm(self) -> None:
        """Record that the server accepted the message."""
        if self.doubtful:
            self.doubtful = tuple(each for each in self.doubtful if each not in self.unconfirmed)
        self.unconfirmed = ()

    def take_back(self) -> None:
        """Record that the server refused the message after its content."""
        self.pending = self._without_doubt(self.unconfirmed) + self.pending
        self.unconfirmed = ()

    @property
    def uncertain(self) -> tuple[Recipient, ...]:
        """The recipients that may have the message, and whose final reply is not there."""
        return self.doubtful + self._without_doubt(self.unconfirmed)

    @property
    def repeatable(self) -> tuple[Recipient, ...]:
        """Those of them that the present call may send another copy to."""
        return tuple(each for each in self.uncertain if each.path not in self.unrepeatable)

    def begin(self) -> None:
        """Note that a call begins to send what is pending, and that alone."""
        if self.unconfirmed or self.doubtful:
            self.unrepeatable |= {each.path for each in self.uncertain}

    def _without_doubt(self, recipients: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
        """Leave out those that may have an earlier copy, whatever happens to this one."""
        return tuple(each for each in recipients if each not in self.doubtful)

    def settle(self, recipient: Recipient, *, accepted: bool) -> None:
        """Record the final reply for one recipient, where each has its own."""
        self.unconfirmed = tuple(each for each in self.unconfirmed if each.path != recipient.path)
        if accepted:
            self.doubtful = tuple(each for each in self.doubtful if each.path != recipient.path)
        else:
            self.pending = self._without_doubt((recipient,)) + self.pending

    def give_back(self, refused: frozenset[bytes]) -> None:
        """Record that the server refused these paths of those that the content was sent for."""
        back = tuple(each for each in self.unconfirmed if each.path in refused)
        if back:
            self.unconfirmed = tuple(each for each in self.unconfirmed if each.path not in refused)
            self.pending = self._without_doubt(back) + self.pending

    def drop(self, refused: frozenset[bytes]) -> None:
        """Drop the recipients with these paths: they are refused for good."""
        self.unrepeatable |= refused
        self.pending = tuple(each for each in self.pending if each.path not in refused)

    def envelope(self, recipients: tuple[Recipient, ...], *, with_content: bool) -> Envelope:
        """Return the message as a value for these recipients."""
        addresses = tuple([recipient.address for recipient in recipients])
        # Encoded: the caller may have it sent by another server.
        encoded = self.content if self.forms is None else self.forms[0]
        content = encoded if with_content else None
        return Envelope(self.sender, addresses, content, self._options_for(recipients))

    def _options_for(self, recipients: tuple[Recipient, ...]) -> DeliveryOptions | None:
        """Return the options without those of other recipients."""
        if self.options is None or not self.options.recipients:
            return self.options
        named = {each.address: each.options for each in recipients if each.options is not None}
        return replace(self.options, recipients=named)


class SendQueue:
    """The mail objects of one client: those to be sent, and those whose outcome is not known.

    A message without a recipient that it may still be sent to is dropped.
    """

    def __init__(self) -> None:
        # By number and not in a list: an accepted message is dropped while a batch iterates over
        # the others, and two equal messages are two.
        self._objects: dict[int, MailObject] = {}
        self._count = 0

    def add(
        self,
        message: "Sendable",
        sender: str | None = None,
        recipients: Iterable[str] | str | None = None,
        *,
        allow_long_lines: bool = False,
        options: DeliveryOptions | None = None,
    ) -> None:
        """Check a message and append it.

        Raises:
            MessageError: If it cannot be sent as it is.
            UsageError: If it is no message, or an address is invalid.
        """
        mail = mail_object(
            message, sender, recipients, allow_long_lines=allow_long_lines, options=options
        )
        self.append(mail)

    def append(self, mail: MailObject) -> int:
        """Append a message that is checked already; return its number."""
        number = self._count
        self._objects[number] = mail
        self._count += 1
        return number

    def begin(self) -> list[tuple[int, MailObject]]:
        """List the objects with recipients to send to, each with its number, for a call."""
        found = [(number, mail) for number, mail in self._objects.items() if mail.pending]
        for _, mail in found:
            mail.begin()
        return found

    def drop_if_done(self, number: int) -> None:
        """Drop an object that was accepted, or refused for good, for every recipient."""
        mail = self._objects[number]
        if not mail.pending and not mail.uncertain:
            del self._objects[number]

    def hand_over(self, number: int) -> None:
        """Leave what is still to be sent of a message to the caller, that has its result."""
        if (mail := self._objects.get(number)) is not None:
            mail.pending = ()
            self.drop_if_done(number)

    def clear(self) -> None:
        """Drop everything."""
        self._objects.clear()

    @property
    def pending(self) -> tuple[Envelope, ...]:
        """The messages still to be sent, each with the recipients not accepted yet."""
        # A list first: another thread may look while a batch drops what is done.
        mails = list(self._objects.values())
        return tuple(
            mail.envelope(mail.pending, with_content=True) for mail in mails if mail.pending
        )

    @property
    def uncertain(self) -> tuple[Envelope, ...]:
        """The messages that may have been delivered, each with the recipients concerned."""
        return tuple(
            mail.envelope(mail.uncertain, with_content=True)
            for mail in list(self._objects.values())
            if mail.uncertain
        )


# -- from a message to a mail object ----------------------------------------------------------


def mail_object(
    message: "Sendable",
    sender: str | None = None,
    recipients: Iterable[str] | str | None = None,
    *,
    allow_long_lines: bool = False,
    options: DeliveryOptions | None = None,
    binary: bool = False,
) -> MailObject:
    """Convert a message to the form in which it is sent.

    `binary` is for a `Message` to have a second form, for servers that offer BINARYMIME.

    Raises:
        MessageError: If the message cannot be written, has no recipient, or has lines that are
            too long.
        UsageError: If it is no message, an address is invalid, or `options` are for a recipient
            that it does not have.

    RFC 5321 section 2.3.1.
    """
    envelope, octets, unencoded = _write(message, binary=binary)
    # The envelope: what the caller names replaces what the header names, as a bounce (RFC 5321
    # section 4.5.5) and a forwarded message need.
    from_address = envelope.sender if sender is None else sender
    addresses = [recipients] if isinstance(recipients, str) else recipients
    asked = envelope.options if options is None else options
    to = _recipients(envelope.recipients if addresses is None else addresses, asked)
    content: bytes | LargeContent
    if isinstance(octets, bytes):
        header, content = _checked(octets)
        eight_bit, is_binary = not content.isascii(), b"\0" in content
        if (too_long := long_line(content)) is not None:
            # Postfix breaks a longer line by CRLF and space (smtp_line_length_limit), which
            # invalidates DKIM and S/MIME signatures; Exim from 4.95 on bounces it
            # (message_linelength_limit).
            if not allow_long_lines:
                raise MessageError(too_long)
            is_binary = True
    else:
        # netmail has written it: 7-bit lines, no Bcc; only the header may need SMTPUTF8.
        header, content = octets.header, octets
        eight_bit, is_binary = not header.isascii(), False
    # The extensions that they need. RFC 6531 section 3.4: SMTPUTF8 is for addresses and headers
    # (RFC 6532); octets over 127 in the body alone need only 8BITMIME.
    path = reverse_path(from_address)
    utf8 = not path.isascii() or (eight_bit and not header.isascii())
    message_id = _message_id(header, header.lower())
    mail = MailObject(from_address, path, to, content, message_id, eight_bit, utf8, options=asked)
    mail.binary = is_binary
    if unencoded is not None:
        mail.forms = content, unencoded
    # Looked at once, and not with each command: of a batch nearly all messages are plain.
    mail.is_plain = asked is None and not utf8 and b"".join([each.path for each in to]).isascii()
    return mail


def _checked(octets: bytes) -> tuple[bytes, bytes]:
    """Return the header and the content of a message that the caller has written."""
    # Canonical line ends first: all that follows looks for CRLF.
    content = dot.canonical(octets)
    header = _header(content)
    # A search first: few headers have the field, and all others are spared the loop.
    if b"bcc" in header.lower():
        kept = without_bcc(header)
        header, content = kept, kept + content[len(header) :]
    if b"\0" in content:
        refuse_hidden_end(content)
    return header, content


def _write(
    message: "Sendable", *, binary: bool
) -> tuple[Envelope, bytes | LargeContent, bytes | LargeContent | None]:
    """Return the envelope and the octets, with octets over 127 only if unavoidable.

    Also the octets of its second form, if it is asked for and there is one.
    """
    # The content of an envelope is the caller's: it may be signed, so it is not encoded again.
    if isinstance(message, Envelope) and message.content is not None:
        return message, message.content, None
    # Base64 and quoted-printable reach every server; octets over 127 need an extension.
    # Its import costs as much as that of the whole client, and octets in an envelope need none.
    from netmail.mime.outgoing import outgoing, sent_content, unencoded_content  # noqa: PLC0415

    ready = outgoing(message)
    # Both are written now, before a server is known: later changes of the message have no effect,
    # and one connection may offer BINARYMIME where the next does not.
    unencoded = unencoded_content(ready) if binary else None
    return ready.envelope, sent_content(ready), unencoded


def _recipients(addresses: Iterable[str], asked: DeliveryOptions | None) -> tuple[Recipient, ...]:
    found: dict[bytes, Recipient] = {}
    for address in strings(addresses, "recipients"):
        # An address that is in To and in Cc gets one RCPT, and one copy.
        path = forward_path(address)
        found.setdefault(path, Recipient(address, path))
    if not found:
        raise MessageError("the message has no recipient: give it recipients")
    return tuple(found.values()) if asked is None else _with_options(found, asked)


def _with_options(
    recipients: dict[bytes, Recipient], asked: DeliveryOptions
) -> tuple[Recipient, ...]:
    """Give each recipient what is asked for it."""
    if not isinstance(asked, DeliveryOptions):
        raise UsageError(f"options are DeliveryOptions, not {type(asked).__name__}")
    named = {forward_path(address): each for address, each in asked.recipients.items()}
    for path in named:
        if path not in recipients:
            # Else a misspelled address would lose what was asked for it.
            raise UsageError(f"options: {path.decode()} is no recipient of this message")
    usual = asked.each_recipient
    return tuple(each._replace(options=named.get(path, usual)) for path, each in recipients.items())


def _header(content: bytes) -> bytes:
    """Return the header with the last field's CRLF.

    RFC 5322 section 2.1.
    """
    # fields, an empty line, the body; a message may consist of the body alone.
    if content.startswith(b"\r\n"):
        return b""
    end = content.find(b"\r\n\r\n")
    return content if end < 0 else content[: end + 2]


def _message_id(header: bytes, lowered: bytes) -> str:
    """Return the Message-ID's value; a search costs less than reading the header.

    RFC 5322 section 3.6.4.
    """
    # message-id = "Message-ID:" msg-id CRLF; msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
    start = lowered.find(b"message-id:")
    while start > 0 and lowered[start - 1] != 10:  # a field's name begins a line
        start = lowered.find(b"message-id:", start + 1)
    if start < 0:
        return ""
    start += len(b"message-id:")
    end = header.find(b"\r\n", start)
    if header[end + 2 : end + 3] in {b" ", b"\t"} and not header[start:end].strip():
        # Exchange folds its long identifiers to a line of their own.
        end = header.find(b"\r\n", end + 2)
    return header[start : end if end >= 0 else None].decode("utf-8", "backslashreplace").strip()
