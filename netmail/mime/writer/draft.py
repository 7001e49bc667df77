"""The values that a message under construction consists of.

This file must not know how callers give them, nor how they are written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from netmail.address import Address, Group
from netmail.mime.writer.content import Content

TextSource: TypeAlias = str | Callable[[], str]
"""A text, or a function that makes it when the message is written."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """Something attached to a message, or shown inside its HTML.

    Attributes:
        content: Its octets.
        name: Its file name; "" for none.
        content_type: Its media type.
        parameters: Further parameters of the media type.
        content_id: The identifier that HTML names after "cid:"; "" for none.
        inline: Whether it is to be shown, and not offered as a file.
        no_disposition: Whether it is written without Content-Disposition.
    """

    content: Content
    name: str
    content_type: str
    parameters: tuple[tuple[str, str], ...] = ()
    content_id: str = ""
    inline: bool = False
    no_disposition: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a message as they will be written.

    Attributes:
        text: The plain text; `None` for none.
        html: The HTML; `None` for none.
        images: Images taken out of the HTML.
    """

    text: str | None
    html: str | None
    images: tuple[AttachedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class TransportSupport:
    """What a transport supports.

    Attributes:
        eight_bit: Octets over 127 in lines (8BITMIME, RFC 6152).
        utf8: UTF-8 in addresses (SMTPUTF8, RFC 6531).
        binary: Any octets (BINARYMIME, RFC 3030).
        changes_spaces: Whether it may change spaces at the ends of lines, and a signature breaks.
    """

    eight_bit: bool = False
    utf8: bool = False
    binary: bool = False
    changes_spaces: bool = False


@dataclass(frozen=True, slots=True)
class GeneratedFields:
    """The values that are generated once if the caller gives none.

    Attributes:
        date: The time of writing.
        message_id: The identifier with angle brackets.
        seed: The part of boundaries and content identifiers that makes them unique.
    """

    date: datetime
    message_id: str
    seed: str


@dataclass(slots=True)
class Draft:
    """A message under construction.

    Attributes:
        senders: The authors (From).
        sender: The mailbox that sends it for them (Sender).
        to: Recipients.
        cc: Recipients of a copy.
        bcc: Recipients that are in the envelope only.
        reply_to: The addresses for replies.
        return_path: The envelope's sender: "" for the null reverse-path, `None` for the default.
        subject: The subject; `None` for none.
        headers: Further headers of text, in order.
        address_headers: Further headers of addresses, in order.
        text: The plain text.
        html: The HTML.
        text_from_html: Whether a missing text is made from the HTML.
        inline_images: Whether images in "data:" URLs become parts.
        calendar: A calendar object, the richest form of the text.
        invitation: The same object as a file, for programs that know no calendars.
        files: Attachments and embedded images.
        charset: The charset of the texts that are not ASCII.
        date: The time of writing; `None` for that of the first writing.
        message_id: The identifier with angle brackets; "" for a generated one.
        seed: The part of its boundaries that makes them unique; "" for a generated one.
        generated: The generated values, once they have been made.
        texts: The texts, once they have been made.
    """

    senders: list[Address] = field(default_factory=list)
    sender: Address | None = None
    to: list[Address | Group] = field(default_factory=list)
    cc: list[Address | Group] = field(default_factory=list)
    bcc: list[Address | Group] = field(default_factory=list)
    reply_to: list[Address | Group] = field(default_factory=list)
    return_path: str | None = None
    subject: str | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    address_headers: list[tuple[str, list[Address | Group]]] = field(default_factory=list)
    text: TextSource | None = None
    html: TextSource | None = None
    text_from_html: bool = False
    inline_images: bool = False
    calendar: AttachedFile | None = None
    invitation: AttachedFile | None = None
    files: list[AttachedFile] = field(default_factory=list)
    charset: str = "utf-8"
    date: datetime | None = None
    message_id: str = ""
    seed: str = ""
    generated: GeneratedFields | None = None
    texts: Texts | None = None

    def copied(self) -> "Draft":
        """Make an independent copy."""
        return replace(
            self,
            senders=[*self.senders],
            to=[*self.to],
            cc=[*self.cc],
            bcc=[*self.bcc],
            reply_to=[*self.reply_to],
            headers=[*self.headers],
            address_headers=[*self.address_headers],
            files=[*self.files],
        )
