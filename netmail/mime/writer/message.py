"""The message that callers build, by calls that can be chained.

This file must not know how a message is written.
"""

from collections.abc import Iterable
from typing import Self, Unpack, cast

from netmail.address import Address
from netmail.errors import MessageError, UsageError
from netmail.mime.writer.attach import Attachable, attached_file
from netmail.mime.writer.content import name_of
from netmail.mime.writer.draft import Draft, TextSource
from netmail.mime.writer.input_address import AddressInput, address_list
from netmail.mime.writer.input_header import ADDRESSES, SINGLE, HeaderInput, header_items
from netmail.mime.writer.keywords import MessageKeywords, set_fields
from netmail.mime.writer.message_options import MessageOptions
from netmail.mime.writer.message_output import MessageOutput
from netmail.text import check_text

_SETTERS = {
    "from": "from_",
    "sender": "sender",
    "reply-to": "reply_to",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "subject": "subject",
    "message-id": "message_id",
    "return-path": "return_path",
}
_LISTS = frozenset({"reply_to", "to", "cc", "bcc"})

_HTML_STARTS = ("<html", "<!doctype html")


class Message(MessageOptions, MessageOutput):
    """A mail message under construction; every setter returns the message, so that calls chain.

    `from_ subject text html` set; `to cc bcc reply_to header attachment` add.

        message = Message().from_("Ann <ann@example.org>").to("bob@example.org")
        message.subject("Plans").text("See the file.").attachment("plans.pdf")

    Args:
        author: The same as `from_()`.
        to: The same as `to()`.
        subject: The same as `subject()`.
        retries: How often delivery may be tried again; only kept here, for the caller.
        **fields: Any other setter by its name, or by the name that web2py or Marrow Mailer
            gives it; see `MessageKeywords`.

    Raises:
        UsageError: If a field is unknown.
        MessageError: If a value is not allowed in a message.
    """

    __slots__ = ("retries",)

    def __init__(
        self,
        author: AddressInput | None = None,
        to: AddressInput | None = None,
        subject: str | None = None,
        retries: int = 3,
        **fields: Unpack[MessageKeywords],
    ) -> None:
        self._draft = Draft()
        self.retries = retries
        first = {"author": author, "to": to, "subject": subject}
        set_fields(self, first | cast("dict[str, object]", fields))

    def from_(self, author: AddressInput) -> Self:
        """Set the author, or several; also reachable as `getattr(message, "from")`.

        Args:
            author: "user@host", "Name <user@host>", an `Address`, a (name, address) pair, or a
                list of these. Of several, the first becomes Sender unless `sender()` is called.

        Raises:
            MessageError: If it is not an address.

        RFC 5322 section 3.6.2.
        """
        senders = [item for item in address_list(author, "from") if isinstance(item, Address)]
        if not senders:
            raise MessageError("from: an author is an address, not a group")
        self._draft.senders = senders
        return self

    def to(self, to: AddressInput) -> Self:
        """Add recipients.

        Args:
            to: As for `from_`; one string may contain several with commas between them, and a
                `Group` adds its members under its name.

        Raises:
            MessageError: If something is no address.

        RFC 5322 section 3.6.3.
        """
        self._draft.to += address_list(to, "to")
        return self

    def cc(self, cc: AddressInput) -> Self:
        """Add recipients of a copy, visible to all.

        Args:
            cc: As for `to`.

        Raises:
            MessageError: If something is no address.
        """
        self._draft.cc += address_list(cc, "cc")
        return self

    def bcc(self, bcc: AddressInput) -> Self:
        """Add recipients of a blind copy: they are in the envelope only.

        Args:
            bcc: As for `to`.

        Raises:
            MessageError: If something is no address.
        """
        self._draft.bcc += address_list(bcc, "bcc")
        return self

    def reply_to(self, to: AddressInput) -> Self:
        """Add an address for replies, which are sent there instead of to the author.

        Args:
            to: As for the method `to`.

        Raises:
            MessageError: If something is no address.
        """
        self._draft.reply_to += address_list(to, "reply_to")
        return self

    def subject(self, subject: str) -> Self:
        """Set the subject.

        Args:
            subject: Any text on one line.

        Raises:
            MessageError: If it contains CR, LF, NUL or a lone surrogate.
        """
        self._draft.subject = check_text(subject, "subject", MessageError)
        return self

    def header(self, header: HeaderInput, *, replace: bool = False) -> Self:
        """Add headers.

        For a header that has a setter, the setter is called: "Bcc: x@y" adds a blind copy.

        Args:
            header: "Name: value", a (name, value) pair, a list of these, or a dictionary.
            replace: Drop earlier headers of the same name, as web2py's `headers` does; those
                that may occur once are always replaced.

        Raises:
            MessageError: If a name or value is not allowed in a header, or if the message writes
                the header by itself (Content-Type and its like).
            UsageError: If a str has no colon.

        RFC 5322 section 3.6.
        """
        for name, value in header_items(header):
            self._add_header(name, value, replace=replace)
        return self

    def attachment(
        self,
        path: Attachable | Iterable[Attachable | tuple[Attachable, str]],
        name: str | None = None,
        *,
        content_type: str | None = None,
        content_id: str | None = None,
        inline: bool = False,
    ) -> Self:
        """Attach a file, octets, an open file, an attachment that was read, or a message.

        A path is opened, and a file read, when the message is written.

        A message that was received is attached as message/rfc822, never in base64: octets over
        127 as they are if the transport supports 8BITMIME, else its texts are encoded. Where that
        is not possible (it is signed or encrypted, or has a header outside ASCII) it is attached
        as an application/octet-stream, octet for octet.

        Args:
            path: What to attach, or a list.
            name: Its file name; needed for octets and unnamed files.
            content_type: Its media type; by default guessed from the name.
            content_id: Its name in the HTML after "cid:".
            inline: Ask readers to show it with the text.

        Raises:
            MessageError: If the file cannot be read, or a value is not allowed in a header.
            UsageError: If octets are given without a name, or `path` is none of these.

        RFC 2046 section 5.2.1, RFC 2183, RFC 2387.
        """
        if isinstance(path, list | tuple):
            for one in path:
                item, own = _named(one, name)
                self.attachment(item, own, content_type=content_type, inline=inline)
            return self
        self._draft.files.append(
            attached_file(
                cast("Attachable", path),
                name,
                content_type=content_type,
                content_id=content_id,
                inline=inline,
            )
        )
        return self

    def attach(
        self,
        name: str,
        data: Attachable | None = None,
        maintype: str | None = None,
        subtype: str | None = None,
        inline: bool = False,
    ) -> Self:
        """Attach as Marrow Mailer does: the name first.

        Args:
            name: The file name; a path if there is no data.
            data: What to attach.
            maintype: The first half of the media type.
            subtype: Its second half.
            inline: Ask readers to show it with the text.

        Raises:
            MessageError: As for `attachment`.
        """
        kind = f"{maintype}/{subtype}" if maintype and subtype else None
        if data is None:
            return self.attachment(name, content_type=kind, inline=inline)
        return self.attachment(data, name, content_type=kind, inline=inline)

    def embed(self, name: str, data: Attachable | None = None) -> Self:
        """Add an image that the HTML shows as "cid:" and its name, as Marrow Mailer does.

        Args:
            name: The image's file name; a path if there is no data.
            data: The image.

        Raises:
            MessageError: As for `attachment`, and if a URL would have to escape the name.
        """
        source = name if data is None else data
        own = name_of(name)
        return self.attachment(source, own, content_id=own, inline=True)

    def content(self, content: object) -> Self:
        """Set text and HTML as web2py's `message` does.

        Args:
            content: A text, which is HTML if it begins with "<html" or a doctype; a pair
                (text, html); an open file; or `None` for neither.

        Raises:
            UsageError: If it is something else.
        """
        read = getattr(content, "read", None)
        if callable(read):
            content = read()
        if isinstance(content, bytes):
            content = content.decode("utf-8", "replace")
        if isinstance(content, str):
            is_html = content.lstrip()[:14].lower().startswith(_HTML_STARTS)
            return self.html(content) if is_html else self.text(content)
        if isinstance(content, tuple | list) and len(content) == 2:
            text, html = content
            self._draft.text, self._draft.html, self._draft.texts = None, None, None
            if text is not None:
                self.text(text)
            return self if html is None else self.html(html)
        if content is None:
            return self
        raise UsageError(f"content: {type(content).__name__} is no text and no (text, html)")

    def text(self, text: TextSource) -> Self:
        """Set the plain text.

        Args:
            text: The text, any line ends; or a function without arguments that returns it,
                which is called once, when the message is first written.
        """
        self._draft.text, self._draft.texts = _checked_source(text, "text"), None
        return self

    def html(self, html: TextSource) -> Self:
        """Set the HTML.

        Args:
            html: The HTML, or a function, as for `text`.
        """
        self._draft.html, self._draft.texts = _checked_source(html, "html"), None
        return self

    def _add_header(self, name: str, value: str, *, replace: bool) -> None:
        lower = name.lower()
        setter = _SETTERS.get(lower)
        if setter is not None:
            if replace and setter in _LISTS:
                setattr(self._draft, setter, [])
            getattr(self, setter)(value)
            return
        if replace or lower in SINGLE:
            self._drop(name)
        if lower in ADDRESSES:
            self._draft.address_headers.append((name, address_list(value, name)))
        else:
            self._draft.headers.append((name, value))


# The field's own name, which Python's grammar allows only through getattr().
setattr(Message, "from", Message.from_)


def message(
    author: AddressInput | None = None,
    to: AddressInput | None = None,
    subject: str | None = None,
    **fields: Unpack[MessageKeywords],
) -> Message:
    """Make a new message.

    Args:
        author: As for `Message`.
        to: As for `Message`.
        subject: As for `Message`.
        **fields: As for `Message`.
    """
    return Message(author, to, subject, **fields)


def _named(
    source: Attachable | tuple[Attachable, str], name: str | None
) -> tuple[Attachable, str | None]:
    if not isinstance(source, tuple):
        return source, name
    if len(source) != 2:
        raise UsageError("attachment: in a list give sources, or pairs of source and name")
    return source


def _checked_source(source: TextSource, where: str) -> TextSource:
    if not isinstance(source, str) and not callable(source):
        raise UsageError(f"{where}: {type(source).__name__} is neither str nor callable")
    return source
