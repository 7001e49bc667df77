"""The parts of a message as an IMAP server describes them: BODYSTRUCTURE and BODY.

This file knows no grammar: `wire` reads the tree. It has the same names as `Part`, which is read
from the message itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from netmail.results.imap_envelope import ImapEnvelope


@dataclass(frozen=True, slots=True)
class BodyStructure:
    """One part, and the parts in it.

    Text is decoded: RFC 2231 and encoded words in parameters, encoded words in the description.
    What BODY leaves out, or the server does not know, is "", `None`, `()` or `{}`.

    Attributes:
        section: The number by which it is fetched: "1", "2.1"; "TEXT" for the multipart that is
            the whole message.
        content_type: The media type in lower case, such as "text/plain".
        params: The parameters of Content-Type by lower-case name, such as "charset".
        content_id: The Content-ID without its angle brackets.
        description: The Content-Description.
        encoding: The transfer encoding in lower case, such as "base64"; "" for a multipart.
        size: Octets of the encoded body; `None` for a multipart, or if the server does not know.
        lines: Lines of the encoded body, for text and messages.
        md5: The Content-MD5, as written.
        disposition: The type of Content-Disposition in lower case, such as "attachment".
        disposition_params: Its parameters by lower-case name.
        languages: The Content-Language.
        location: The Content-Location, as written.
        envelope: The envelope of a message within the message.
        children: The parts of a multipart; the one body of a message.

    RFC 9051 section 7.5.2: BODYSTRUCTURE.
    """

    section: str
    content_type: str
    params: dict[str, str] = field(default_factory=dict)
    content_id: str | None = None
    description: str = ""
    encoding: str = ""
    size: int | None = None
    lines: int | None = None
    md5: str | None = None
    disposition: str = ""
    disposition_params: dict[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    location: str | None = None
    envelope: ImapEnvelope | None = None
    children: "tuple[BodyStructure, ...]" = ()

    @property
    def is_multipart(self) -> bool:
        """Whether it only holds other parts."""
        return self.content_type.startswith("multipart/")

    @property
    def charset(self) -> str:
        """The charset parameter as written; "" if there is none."""
        return self.params.get("charset", "")

    @property
    def filename(self) -> str | None:
        """The file name as the sender wrote it, decoded; `None` if there is none.

        It may contain a path, spaces or control characters: do not save under it as it is.

        RFC 2183 section 2.3.
        """
        # Content-Type's "name" is older than Content-Disposition, and still written beside it.
        named = self.disposition_params.get("filename", "").strip()
        return named or self.params.get("name", "").strip() or None

    def walk(self) -> "Iterator[BodyStructure]":
        """Yield this part and all parts in it, in their order, nested messages included."""
        left = [self]
        while left:
            part = left.pop()
            yield part
            left.extend(reversed(part.children))

    def find(self, wanted: str) -> "BodyStructure | None":
        """Find the first part that matches.

        Args:
            wanted: A media type ("text/plain"), its first half ("image/*"), a section ("1.2"), or
                a Content-ID in angle brackets ("<id>").

        Returns:
            The part; `None` if there is none.
        """
        return next((part for part in self.walk() if _matches(part, wanted)), None)

    def attachments(self) -> "list[BodyStructure]":
        """List the parts that are files: all but the text to be read.

        These are parts with the disposition "attachment", with a file name, or of any type but
        text/plain and text/html. A message in the message is one file.
        """
        found: list[BodyStructure] = []
        left = [self]
        while left:
            part = left.pop()
            if part.is_multipart:
                left.extend(reversed(part.children))
            elif _is_file(part):
                found.append(part)
        return found


def _matches(part: BodyStructure, wanted: str) -> bool:
    if wanted.startswith("<"):
        return part.content_id == wanted.strip("<>")
    if "/" in wanted:
        kind = wanted.lower()
        if kind.endswith("/*"):
            return part.content_type.startswith(kind[:-1])
        return part.content_type == kind
    return part.section == wanted


def _is_file(part: BodyStructure) -> bool:
    text = part.content_type in {"text/plain", "text/html"}
    return not text or part.disposition == "attachment" or part.filename is not None
