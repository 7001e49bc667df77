"""The Content-* fields of a part as values.

This file knows which field is read how; it knows neither the part's octets nor their decoding.
"""

from netmail.limits import DEFAULT_LIMITS, MessageLimits
from netmail.mime.fields.content_type import content_type, transfer_encoding
from netmail.mime.fields.encoded_words import decode_encoded_words
from netmail.mime.fields.headers import Headers
from netmail.mime.fields.parameters import ParameterizedValue, parameterized_value
from netmail.mime.lazy import Lazy

_NOTHING = ParameterizedValue("", {})


class PartHeaders:
    """Typed access to the fields that describe a part.

    Attributes:
        headers: All fields.
        limits: Bounds for what is read.
    """

    # entity-headers := [ content CRLF ] [ encoding CRLF ] [ id CRLF ] [ description CRLF ]
    #                   *( MIME-extension-field CRLF )        RFC 2045 section 3
    headers: Headers
    limits: MessageLimits = DEFAULT_LIMITS

    # RFC 2045 section 5.2: the type of a part without Content-Type.
    default_type = "text/plain"

    def field(self, name: bytes) -> bytes | None:
        """Return the raw value of the first field of a name in lower case."""
        return self.headers.first_raw(name)

    @Lazy
    def parsed_content_type(self) -> ParameterizedValue:
        """Media type and parameters of Content-Type."""
        raw = self.field(b"content-type")
        return content_type(raw, self.default_type, limit=self.limits.params)

    @property
    def content_type(self) -> str:
        """The media type in lower case, such as "text/plain"."""
        return self.parsed_content_type.value

    @property
    def params(self) -> dict[str, str]:
        """The parameters of Content-Type by lower-case name, decoded."""
        return self.parsed_content_type.params

    @property
    def charset(self) -> str:
        """The charset parameter as written; "" if there is none."""
        return self.parsed_content_type.params.get("charset", "")

    @Lazy
    def _parsed_disposition(self) -> ParameterizedValue:
        raw = self.field(b"content-disposition")
        return parameterized_value(raw, limit=self.limits.params) if raw else _NOTHING

    @property
    def disposition(self) -> str:
        """The type of Content-Disposition, such as "attachment"; "" if there is none.

        RFC 2183 section 2.
        """
        return self._parsed_disposition.value

    @property
    def filename(self) -> str | None:
        """The file name as the sender wrote it, decoded; `None` if there is none.

        It may contain a path, spaces or control characters: `Attachment.save()` makes it safe.

        RFC 2183 section 2.3.
        """
        # Content-Type's "name" is older than Content-Disposition, and still written beside it.
        named = self._parsed_disposition.params.get("filename") or ""
        return named.strip() or self.parsed_content_type.params.get("name", "").strip() or None

    @property
    def content_id(self) -> str | None:
        """The Content-ID without its angle brackets, as "cid:" URLs name it; `None` if missing.

        RFC 2045 section 7, RFC 2392.
        """
        # id := "Content-ID" ":" msg-id. Many mailers omit the angle brackets.
        value = self.headers.get("content-id")
        return value.strip().strip("<>").strip() or None if value else None

    @property
    def description(self) -> str:
        """The Content-Description, decoded; "" if there is none."""
        # description := "Content-Description" ":" *text: free text, RFC 2045 section 8.
        return decode_encoded_words(self.headers.get("content-description") or "")

    @property
    def encoding(self) -> str:
        """The transfer encoding that is meant: "7bit", "8bit", "binary", "base64" and so on.

        RFC 2045 section 6.1.
        """
        # Section 6.1: "7BIT" "is assumed if the Content-Transfer-Encoding header field is not
        # present".
        raw = self.field(b"content-transfer-encoding")
        return transfer_encoding(raw) if raw else "7bit"
