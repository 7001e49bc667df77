"""winmail.dat: the files, texts and messages that Outlook packs into TNEF.

This file knows the attributes of MS-OXTNEF and the properties that mail readers show; it knows no
compression and no RTF. Every length is checked against the octets that exist: no memory is reserved
because a length claims it.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from netmail.limits import MessageLimits
from netmail.mime.content.charset import decode_text, html_label
from netmail.mime.content.mapi import MapiValue, code_page, read_properties, string8
from netmail.mime.defects import DefectHandler, DefectKind, ignore

_SIGNATURE = 0x223E9F78
_HEADER = struct.Struct("<BIL")
_SIZE = struct.Struct("<L")
_DATE = struct.Struct("<6H")

# Attributes of the stream: MS-OXTNEF section 2.1.3.
_ATTACH_START = 0x00069002  # attAttachRendData
_ATTACH_TITLE = 0x00018010  # attAttachTitle
_ATTACH_DATA = 0x0006800F  # attAttachData
_ATTACH_PROPS = 0x00069005  # attAttachment
_CODE_PAGE = 0x00069007  # attOemCodepage
_MESSAGE_PROPS = 0x00069003  # attMsgProps
_RECIPIENTS = 0x00069004  # attRecipTable
_SUBJECT = 0x00018004  # attSubject
_BODY = 0x0002800C  # attBody
_SENT = 0x00038005  # attDateSent

# Tags of MAPI properties: MS-OXPROPS.
_DATA = 0x3701  # PidTagAttachDataBinary, PidTagAttachDataObject
# PidTagAttachLongFilename, PidTagAttachFilename, PidTagDisplayName
_NAMES = (0x3707, 0x3704, 0x3001)
_MIME_TAG = 0x370E  # PidTagAttachMimeTag
_BODY_TEXT = 0x1000  # PidTagBody
_BODY_HTML = 0x1013  # PidTagBodyHtml, PidTagHtml
_BODY_RTF = 0x1009  # PidTagRtfCompressed
_CPID = 0x3FDE  # PidTagInternetCodepage
_SUBJECT_TAG = 0x0037  # PidTagSubject
_MESSAGE_ID = 0x1035  # PidTagInternetMessageId
_SUBMITTED = 0x0039  # PidTagClientSubmitTime
_RECIPIENT_TYPE = 0x0C15  # PidTagRecipientType
# Of the author and of a recipient: PidTagSentRepresentingName and -SmtpAddress, PidTagSenderName
# and -SmtpAddress, PidTagDisplayName and PidTagSmtpAddress, each with the older ...EmailAddress.
_AUTHOR = ((0x0042, (0x5D02, 0x0065)), (0x0C1A, (0x5D01, 0x0C1F)))
_RECIPIENT = (0x3001, (0x39FE, 0x3003))

_OBJECT = 0x0D  # PtypObject
_STRING8 = 0x1E
# IID_IMessage, before the stream of an embedded message: MS-OXTNEF section 2.1.3.4.
_EMBEDDED = bytes.fromhex("0703020000000000c000000000000046")
_MOST = 1_000
"""Files of one winmail.dat, and recipients of a message in it, that are read."""


class TnefFile:
    """One file of a winmail.dat.

    Attributes:
        name: Its name, the long one if there are two.
        content_type: Its media type; "application/octet-stream" if it is not given.
        content: The file's octets; of an embedded message TNEF, as in another winmail.dat.
        embedded: Whether it is a message.
    """

    __slots__ = ("content", "content_type", "embedded", "name")

    def __init__(self, name: str, content_type: str, content: bytes, *, embedded: bool) -> None:
        self.name = name
        self.content_type = content_type
        self.content = content
        self.embedded = embedded


class TnefMessage:
    """What was packed into a winmail.dat.

    Attributes:
        files: The files that could be read; of defective data, those before the defect.
        properties: The properties of the message, by tag.
        recipients: The properties of each recipient.
        label: The charset of strings of octets.
    """

    __slots__ = ("_attributes", "_limits", "files", "label", "properties", "recipients")

    def __init__(self, limits: MessageLimits) -> None:
        self._limits = limits
        self._attributes: dict[int, bytes] = {}
        self.files: list[TnefFile] = []
        self.properties: dict[int, MapiValue] = {}
        self.recipients: list[dict[int, MapiValue]] = []
        self.label = "cp1252"

    def take(self, attribute: int, value: bytes) -> None:
        """Take an attribute of the message itself."""
        if attribute == _CODE_PAGE:
            self.label = code_page(int.from_bytes(value[:4], "little"))
        elif attribute == _MESSAGE_PROPS:
            self.properties, _ = read_properties(value)
        elif attribute == _RECIPIENTS:
            self.recipients = _rows(value)
        else:
            self._attributes.setdefault(attribute, value)

    def texts(self, *, report: DefectHandler = ignore) -> dict[str, str]:
        """Return the texts of the message by media type; lines end in LF.

        Args:
            report: Called with BAD_TNEF if the compressed RTF is defective.
        """
        found = {"text/plain": self._text(), "text/html": self._html()}
        rtf = self.properties.get(_BODY_RTF)
        if rtf is not None and not found["text/html"]:
            from netmail.mime.content.rtf import read_rtf  # noqa: PLC0415 - few messages need it
            from netmail.mime.content.rtf_compressed import decompress_rtf  # noqa: PLC0415

            text = read_rtf(decompress_rtf(rtf.octets, self._limits.rtf, report=report))
            kind = "text/html" if text.is_html else "text/plain"
            found[kind] = found[kind] or text.text
        return {kind: _lines(text) for kind, text in found.items() if text.strip()}

    def _text(self) -> str:
        value = self.properties.get(_BODY_TEXT)
        if value is None:
            return string8(self._attributes.get(_BODY, b""), self.label)
        return value.text(self.label)

    def _html(self) -> str:
        value = self.properties.get(_BODY_HTML)
        if value is None:
            return ""
        if value.kind != 0x102:
            return value.text(self.label)
        octets = value.octets.rstrip(b"\0")
        number = self.properties[_CPID].number() if _CPID in self.properties else 0
        return decode_text(octets, code_page(number) if number else html_label(octets))

    def fields(self) -> list[tuple[str, str]]:
        """Return the header fields of the message: names and values, not encoded."""
        author = next(filter(None, (self._mailbox(self.properties, *tags) for tags in _AUTHOR)), "")
        recipients: dict[int, list[str]] = {1: [], 2: []}
        for row in self.recipients:
            kind = row[_RECIPIENT_TYPE].number() & 0xF if _RECIPIENT_TYPE in row else 1
            if kind in recipients and (mailbox := self._mailbox(row, *_RECIPIENT)):
                recipients[kind].append(mailbox)
        sent = self._sent()
        found = [
            ("From", author),
            ("To", ", ".join(recipients[1])),
            ("Cc", ", ".join(recipients[2])),
            ("Subject", self.subject()),
            ("Date", f"{sent:%d} {_MONTHS[sent.month - 1]} {sent:%Y %H:%M:%S %z}" if sent else ""),
            ("Message-ID", self._string(self.properties, _MESSAGE_ID)),
        ]
        return [(name, value) for name, value in found if value]

    def subject(self) -> str:
        """Return the subject; "" if there is none."""
        given = self._string(self.properties, _SUBJECT_TAG)
        return given or _one_line(string8(self._attributes.get(_SUBJECT, b""), self.label))

    def _string(self, properties: dict[int, MapiValue], tag: int) -> str:
        value = properties.get(tag)
        return _one_line(value.text(self.label)) if value is not None else ""

    def _mailbox(self, row: dict[int, MapiValue], name_tag: int, tags: tuple[int, ...]) -> str:
        name = self._string(row, name_tag)
        # Without an "@" it is an address of Exchange's own directory.
        found = (self._string(row, tag).removeprefix("SMTP:") for tag in tags)
        address = next((text for text in found if "@" in text and not _ODD & {*text}), "")
        if not address:
            return ""
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>' if name and name != address else address

    def _sent(self) -> datetime | None:
        value = self.properties.get(_SUBMITTED)
        raw = self._attributes.get(_SENT, b"")
        try:
            if value is not None:
                # PtypTime: units of 100 ns since 1601.
                return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(
                    microseconds=value.number() // 10
                )
            if len(raw) < _DATE.size:
                return None
            year, month, day, hour, minute, second = _DATE.unpack_from(raw)
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except (OverflowError, ValueError):
            return None


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_ODD = frozenset(' <>,;"()')


def read_tnef(data: bytes, limits: MessageLimits, *, report: DefectHandler = ignore) -> TnefMessage:
    """Unpack a winmail.dat.

    Args:
        data: The attachment's content.
        limits: Octets that the files may have in all, and the RTF: `expanded` and `rtf`.
        report: Called with BAD_TNEF if the data is defective.

    MS-OXTNEF section 2.1.
    """
    message = TnefMessage(limits)
    if len(data) < 6 or _SIZE.unpack_from(data)[0] != _SIGNATURE:
        report(DefectKind.BAD_TNEF)
        return message
    current: dict[int, bytes] | None = None
    for attribute, value in _attributes(data, report):
        if attribute == _ATTACH_START:
            _keep(message, current)
            current = {}
            if len(message.files) >= _MOST:
                break
        elif current is None:
            message.take(attribute, value)
        else:
            current[attribute] = value
    _keep(message, current)
    _limit(message, limits.expanded, report)
    return message


def _attributes(data: bytes, report: DefectHandler) -> Iterator[tuple[int, bytes]]:
    """Cut the stream into attributes: level, identifier, length, data, checksum."""
    position = 6  # after the signature and a key of two octets
    while position < len(data):
        if position + _HEADER.size > len(data):
            report(DefectKind.BAD_TNEF)
            return
        _, attribute, size = _HEADER.unpack_from(data, position)
        start = position + _HEADER.size
        if start + size > len(data):
            report(DefectKind.BAD_TNEF)
            return
        yield attribute, data[start : start + size]
        position = start + size + 2  # the checksum is not looked at: mailers write zeros there


def _rows(data: bytes) -> list[dict[int, MapiValue]]:
    """Read a table: the number of rows, and a list of properties for each."""
    rows: list[dict[int, MapiValue]] = []
    count, position = int.from_bytes(data[:4], "little"), 4
    while len(rows) < min(count, _MOST) and position < len(data):
        row, position = read_properties(data, position)
        rows.append(row)
    return rows


def _keep(message: TnefMessage, current: dict[int, bytes] | None) -> None:
    if not current:
        return
    properties, _ = read_properties(current.get(_ATTACH_PROPS, b""))
    found = properties.get(_DATA)
    content = current.get(_ATTACH_DATA) or (found.octets if found else b"")
    embedded = content.startswith(_EMBEDDED) and found is not None and found.kind == _OBJECT
    long, short, shown = (
        properties[tag].text(message.label) if tag in properties else "" for tag in _NAMES
    )
    title = string8(current.get(_ATTACH_TITLE, b""), message.label)
    kind = properties[_MIME_TAG].text("us-ascii").lower() if _MIME_TAG in properties else ""
    if not kind.isascii() or "/" not in kind or not kind.isprintable() or " " in kind:
        kind = "application/octet-stream"
    name = long or title or short or shown
    if embedded:
        kind, content = "message/rfc822", content[len(_EMBEDDED) :]
        name = (name.removesuffix(".msg") or "message") + ".eml"
    message.files.append(TnefFile(name, kind, content, embedded=embedded))


def _limit(message: TnefMessage, limit: int, report: DefectHandler) -> None:
    """Drop the files beyond a total of octets."""
    total = 0
    for number, file in enumerate(message.files):
        total += len(file.content)
        if total > limit:
            report(DefectKind.BAD_TNEF)
            del message.files[number:]
            return


def _one_line(text: str) -> str:
    """Return a text that cannot end a header field."""
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
