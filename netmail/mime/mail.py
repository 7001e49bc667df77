"""A message as its reader sees it: headers, texts, attachments.

This file knows which of a message's views is computed from which; it knows no grammar. Each view
is computed when it is first asked for, by a module that is imported then: reading From and Subject
loads no HTML, no TNEF and no writer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from netmail.mime.defects import Defect
from netmail.mime.fields.headers import HeaderFields, Headers, encoded
from netmail.mime.fields.message_fields import MessageHeaders
from netmail.mime.lazy import Lazy
from netmail.mime.parts.bodies import Bodies, join_texts, sort_bodies, split_text
from netmail.mime.parts.node import PartNode
from netmail.mime.parts.part import Part, PartSource

if TYPE_CHECKING:
    from email.message import EmailMessage

    from netmail.mime.parts.attachment import Attachment
    from netmail.mime.parts.report import DeliveryReport
    from netmail.mime.parts.signed import SignedParts
    from netmail.mime.writer.input_address import AddressInput
    from netmail.mime.writer.message import Message


class Mail(MessageHeaders):
    """A message that was read, or one made of its parts.

    Args:
        headers: The fields: a dictionary, pairs, or `Headers`.
        body: The texts by media type, such as {"text/plain": "Hello"}.
        attachments: The files.

    Raises:
        MessageError: If a field or a text has a lone surrogate.

    Attributes:
        headers: All fields; `mail.headers["subject"]` is decoded.
        uid: Its UID, where `Imap.mails()` has fetched it, or its message number, where
            `POP3.mails()` has; else `None`.
        unique_id: Its unique-id, where `POP3.mails()` has fetched it; else `None`.

    Example:
        >>> mail = Mail({"Subject": "Hello"}, {"text/plain": "Dear Bob"}, [])
        >>> mail.subject, mail.text
        ('Hello', 'Dear Bob')
    """

    uid: int | None = None
    unique_id: str | None = None

    def __init__(
        self,
        headers: HeaderFields | Headers | None = None,
        body: Mapping[str, str] | None = None,
        attachments: "Sequence[Attachment]" = (),
    ) -> None:
        self._source: PartSource | None = None
        self._node: PartNode | None = None
        self.headers = headers if isinstance(headers, Headers) else Headers(headers or {})
        texts = dict(body or {})
        for kind, text in texts.items():
            encoded(text, kind)
        Mail.body.set(self, texts)
        Mail.attachments.set(self, list(attachments))

    @classmethod
    def from_node(cls, source: PartSource, node: PartNode) -> "Mail":
        """Make the view of a message that was scanned; `parse()` does this."""
        mail = cls.__new__(cls)
        mail._source = source  # noqa: SLF001 - an alternative constructor
        mail._node = node  # noqa: SLF001 - an alternative constructor
        mail.limits = source.limits
        hint = partial(_text_charset, source, node)
        mail.headers = Headers.from_block(node.block, source.limits, hint)
        return mail

    # The tree.

    @property
    def root(self) -> Part | None:
        """The outermost part; `None` for a mail that was not read from octets."""
        if self._source is None or self._node is None:
            return None
        return self._source.part(self._node)

    @property
    def raw(self) -> bytes:
        """The exact octets it was read from; b"" for a mail that was made of parts."""
        return self.root.raw if self.root is not None else b""

    @property
    def raw_headers(self) -> bytes:
        """The exact octets of its header, with the empty line; b"" as for `raw`."""
        return self.root.raw_headers if self.root is not None else b""

    def walk(self) -> Iterator[Part]:
        """Yield all parts in their order, nested messages included."""
        return self.root.walk() if self.root is not None else iter(())

    def find(
        self, wanted: str | Callable[[Part], bool], default: Part | None = None
    ) -> Part | None:
        """Find the first part that matches.

        Args:
            wanted: A media type ("text/calendar"), its first half ("image/*"), a section
                ("1.2"), a Content-ID in angle brackets ("<id>"), or a function of a part.
            default: What is returned if none matches.
        """
        matches = wanted if callable(wanted) else _matcher(wanted)
        return next((part for part in self.walk() if matches(part)), default)

    # The flat view.

    @Lazy
    def _bodies(self) -> Bodies:
        return sort_bodies(self.root) if self.root is not None else Bodies()

    @Lazy
    def body(self) -> dict[str, str]:
        """The texts by media type: "text/plain", "text/html", and others that are no attachments.

        Several texts of one type are joined in their order. What the message itself lacks is
        taken from its winmail.dat.
        """
        texts: dict[str, list[str]] = {}
        seen: set[int] = set()
        for part in (*self._bodies.text, *self._bodies.html, *self._other_texts()):
            if id(part) not in seen and part.content_type.startswith("text/"):
                seen.add(id(part))
                texts.setdefault(part.content_type, []).append(split_text(part, self.limits))
        joined = {kind: join_texts(pieces) for kind, pieces in texts.items()}
        return self._completed(joined) if self._bodies.attachments else joined

    def _completed(self, texts: dict[str, str]) -> dict[str, str]:
        """Add the texts of a winmail.dat, of types that the message itself has no text of."""
        from netmail.mime.parts.unpack import packed_texts

        packed = packed_texts(self._bodies.attachments, self.limits)
        return texts | {kind: text for kind, text in packed.items() if not texts.get(kind)}

    def _other_texts(self) -> list[Part]:
        """Return invitations and the like: forms of the text that are neither plain nor HTML."""
        return [
            part
            for part in self._bodies.attachments
            if not part.filename
            and part.disposition != "attachment"
            and part.content_type.startswith("text/")
            and part.content_type not in {"text/plain", "text/html"}
        ]

    @property
    def text(self) -> str:
        """The plain text; "" if there is none (see `text_from_html()`)."""
        return self.body.get("text/plain", "")

    @property
    def html(self) -> str:
        """The HTML; "" if there is none."""
        return self.body.get("text/html", "")

    @Lazy
    def attachments(self) -> "list[Attachment]":
        """The files in their order; then those unpacked from winmail.dat and text.

        Images shown in the text count.

        RFC 8621 section 4.1.4.
        """
        from netmail.mime.parts.attachment import Attachment
        from netmail.mime.parts.unpack import unpacked

        bodies = self._bodies
        shown = [p for p in (*bodies.text, *bodies.html) if not p.content_type.startswith("text/")]
        parts = {part.offset: part for part in (*bodies.attachments, *shown)}
        found = [Attachment.from_part(parts[offset]) for offset in sorted(parts)]
        if self._source is None:
            return found
        return found + unpacked(found, bodies.text, self._source)

    @property
    def inline(self) -> "list[Attachment]":
        """The attachments that belong in the text, such as images that HTML shows."""
        return [attachment for attachment in self.attachments if attachment.is_inline]

    def text_from_html(self) -> str:
        """Return the plain text; made from the HTML if there is none."""
        if self.text or not self.html:
            return self.text
        from netmail.mime.content.html_text import html_to_text

        return html_to_text(self.html[: self.limits.html_to_text])

    def text_unwrapped(self) -> str:
        """Return the plain text, the soft line ends of format=flowed taken out.

        RFC 3676.
        """
        from netmail.mime.content.flowed import unflow

        pieces = [
            unflow(split_text(part, self.limits), delsp=_is(part, "delsp", "yes"))
            if _is(part, "format", "flowed")
            else split_text(part, self.limits)
            for part in self._bodies.text
            if part.content_type == "text/plain"
        ]
        return join_texts(pieces) if pieces else self.text

    @Lazy
    def reply_text(self) -> str:
        """What its author wrote: the text without quotations and signature.

        A guess by the marks that mailers write: lines that begin with ">" and the line that
        announces them, "-----Original Message-----" and what is below it, and a signature.

        RFC 3676 section 4.3.
        """
        from netmail.mime.content.reply_text import reply_text

        return reply_text(self.text_unwrapped() if self.text else self.text_from_html())

    # Messages with a meaning of their own.

    @Lazy
    def report(self) -> "DeliveryReport | None":
        """The delivery, disposition or feedback report in it; `None` if it is none.

        The texts of qmail, Exim and Exchange are read where these write no delivery status.

        RFC 6522.
        """
        from netmail.mime.parts.report import read_report

        source = self._source
        return read_report(self.root, source) if self.root is not None and source else None

    @Lazy
    def signed(self) -> "SignedParts | None":
        """The exact signed octets and their signature; `None` if it is not signed.

        RFC 1847 section 2.1.
        """
        from netmail.mime.parts.signed import signed_parts

        return signed_parts(self.root) if self.root is not None else None

    @property
    def is_encrypted(self) -> bool:
        """Whether its content is encrypted, with PGP/MIME or S/MIME.

        RFC 3156 section 4, RFC 8551 section 3.2.
        """
        from netmail.mime.parts.encrypted import is_encrypted

        return self.root is not None and is_encrypted(self.root)

    @Lazy
    def defects(self) -> list[Defect]:
        """Everything that is wrong with it, in the order of its parts.

        Reads every header field and decodes every part, one after the other.
        """
        from netmail.mime.parts.check import find_defects

        return find_defects(self._source, self._node) if self._source and self._node else []

    # Reply mails.

    def reply(
        self,
        author: "AddressInput | None" = None,
        *,
        text: str = "",
        to_all: bool = False,
        quote: bool = True,
        automatic: bool = False,
    ) -> "Message":
        """Begin a reply mail.

        Args:
            author: The author of the reply; may be set later by `from_()`.
            text: The reply's text, written above the quotation.
            to_all: Send copies to all recipients of the message, except the author.
            quote: Quote the message's text.
            automatic: The reply is written by a program: it is marked so, and has the null
                reverse-path.

        Returns:
            A message with To, Cc, Subject, In-Reply-To, References and text.

        Raises:
            MessageError: If it has no address to reply to, or if `automatic` and it was sent by
                a program or a list, to which no program may reply.

        RFC 5322 section 3.6.4, RFC 3834 section 2.
        """
        from netmail.mime.writer.reply import reply

        return reply(self, author, text=text, to_all=to_all, quote=quote, automatic=automatic)

    def forward(
        self,
        author: "AddressInput | None" = None,
        to: "AddressInput | None" = None,
        *,
        text: str = "",
        as_attachment: bool = False,
    ) -> "Message":
        """Begin to forward it.

        Args:
            author: The sender of the new message; may be set later by `from_()`.
            to: The recipients.
            text: A text to write above it.
            as_attachment: Attach the message as by `attachment()`, instead of copying its texts
                and its files.

        Raises:
            MessageError: If an address is none.
        """
        from netmail.mime.writer.reply import forward

        return forward(self, author, to, text=text, as_attachment=as_attachment)

    # Other shapes.

    def to_dict(self) -> dict[str, object]:
        """Return a dictionary for JSON."""
        return {
            "headers": self.headers.to_dict(),
            "body": dict(self.body),
            "attachments": [attachment.to_dict() for attachment in self.attachments],
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON text."""
        from json import dumps

        return dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def to_email_message(self) -> "EmailMessage":
        """Return it as the standard library's `EmailMessage`."""
        from netmail.mime.email_message import to_email_message

        return to_email_message(self)

    def __str__(self) -> str:
        names = ("From", "To", "Cc", "Date", "Subject")
        lines = [f"{name}: {value}" for name in names if (value := self.headers.get(name))]
        lines += ["", self.text_from_html().rstrip("\n")]
        if self.attachments:
            lines += ["", *(f"[{attachment}]" for attachment in self.attachments)]
        return "\n".join(lines)

    def __repr__(self) -> str:
        sender = ", ".join(str(address) for address in self.from_[:3])
        return f"<Mail {self.subject!r} from {sender or 'no sender'}>"


def _text_charset(source: PartSource, node: PartNode) -> str:
    """Return the charset that the first text names, for raw 8-bit fields of the header."""
    parts = source.part(node).walk()
    labels = (part.charset for part in parts if part.content_type.startswith("text/"))
    return next(filter(None, labels), "")


def _is(part: Part, name: str, value: str) -> bool:
    """Whether a parameter has a value, in any case of letters."""
    return part.params.get(name, "").lower() == value


def _matcher(wanted: str) -> Callable[[Part], bool]:
    if wanted.startswith("<"):
        return lambda part: part.content_id == wanted.strip("<>")
    if "/" in wanted:
        kind = wanted.lower().removesuffix("*")
        return lambda part: (
            part.content_type.startswith(kind) if kind[-1] == "/" else part.content_type == kind
        )
    return lambda part: part.section == wanted
