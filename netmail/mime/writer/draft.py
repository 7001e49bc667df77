"""What a message under construction consists of.

This file must not know how callers say it, nor how it is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from netmail.address import Address, Group
from netmail.mime.writer.content import Content

TextSource: TypeAlias = str | Callable[[], str]
"""A text, or what makes it when the message is written."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """Something attached to a message, or shown inside its HTML.

    Attributes:
        content: Its octets.
        name: Its file name; "" for none.
        content_type: Its media type.
        parameters: Further parameters of the media type.
        content_id: The identifier that HTML names after "cid:"; "" for none.
        inline: Whether it is to be shown and not offered as a file.
        bare: Whether it goes without Content-Disposition.
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
    """What the way that a message takes allows.

    Attributes:
        eight_bit: Octets over 127 in lines (8BITMIME).
        utf8: UTF-8 in addresses (SMTPUTF8).
        binary: Any octets (BINARYMIME).
    """

    eight_bit: bool = False
    utf8: bool = False
    binary: bool = False


@dataclass(frozen=True, slots=True)
class GeneratedFields:
    """What a message gets by itself, once.

    Attributes:
        date: When it was written.
        message_id: Its identifier with angle brackets.
        seed: What its boundaries and content identifiers are made of.
    """

    date: datetime
    message_id: str
    seed: str


@dataclass(slots=True)
class Draft:
    """A message under construction.

    Attributes:
        senders: The authors (From).
        sender: Who sent it for them (Sender).
        to: Recipients.
        cc: Recipients of a copy.
        bcc: Recipients whom nobody sees.
        reply_to: Where answers go.
        return_path: The envelope's sender: "" for the null reverse-path, `None` for the default.
        subject: The subject; `None` for none.
        headers: Further headers of text, in order.
        address_headers: Further headers of addresses, in order.
        text: The plain text.
        html: The HTML.
        text_from_html: Whether a missing text is made from the HTML.
        inline_images: Whether images in "data:" URLs become parts.
        calendar: A calendar object to be shown beside the texts.
        invitation: The same object as a file, for programs that do not show it.
        files: Attachments and embedded images.
        charset: The charset of the texts where they are not ASCII.
        date: When it was written; `None` for the time of the first writing.
        message_id: Its identifier with angle brackets; "" for one made by itself.
        seed: What its boundaries are made of; "" likewise.
        made: What was made by itself, once it has been.
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
