"""What mailers write against the grammar of MIME, and netmail reads all the same.

This file is data: each tolerance with a sample, where it was seen, the rule it bends and the module
that bends it. It knows no reader; those name the quirk in a comment where they tolerate it.
`parse(..., strict=True)` refuses those that are defects.
"""

from typing import Final, NamedTuple

from netmail.mime.defects import DefectKind


class MimeQuirk(NamedTuple):
    """One tolerance.

    Attributes:
        name: Its name, which the reader's comment repeats.
        what: What is written.
        source: The mailers or collections of mail in which it was seen.
        sample: A message with it.
        rule: What the grammar asks for.
        module: The module below `netmail.mime` that tolerates it.
        defect: The defect that is reported; `None` if none is.
    """

    name: str
    what: str
    source: str
    sample: bytes
    rule: str
    module: str
    defect: DefectKind | None = None


HEADER_QUIRKS: Final = (
    MimeQuirk(
        "byte-order-mark",
        "a byte order mark before the header",
        "editors for Windows; MimeKit skips it too",
        b"\xef\xbb\xbfSubject: s\n\n",
        "RFC 5322 section 3.5: a message begins with a field",
        "fields.header_block",
        DefectKind.BYTE_ORDER_MARK,
    ),
    MimeQuirk(
        "mbox-line",
        'a "From " line before the header',
        "messages cut out of mbox files; notmuch's test mail",
        b"From a@b.example Mon Jan  1 00:00:00 2024\nSubject: s\n\n",
        "RFC 5322 section 3.5: a message begins with a field",
        "fields.header_block",
        DefectKind.MBOX_FROM_LINE,
    ),
    MimeQuirk(
        "leading-space",
        "spaces or line ends before the first field",
        "enmime's low-quality/bad-header-start",
        b" \nSubject: s\n\n",
        "RFC 5322 section 3.5: a message begins with a field",
        "fields.header_block",
        DefectKind.LEADING_SPACE,
    ),
    MimeQuirk(
        "junk-line",
        "a line in the header that is no field",
        "enmime's low-quality/bad-header-wrap; a message of Thunderbird 16",
        b"To: a@b.example\nno field\nSubject: s\n\n",
        "RFC 5322 section 2.2: a field is a name, a colon and a body",
        "fields.header_block",
        DefectKind.JUNK_HEADER_LINE,
    ),
    MimeQuirk(
        "bad-name",
        "spaces inside a field's name",
        "stalwart's malformed/019",
        b"Fro m : x\nSubject: s\n\n",
        "RFC 5322 section 3.6.8: field-name = 1*ftext",
        "fields.header_block",
        DefectKind.BAD_HEADER_NAME,
    ),
    MimeQuirk(
        "space-before-colon",
        "spaces between a field's name and the colon",
        "mailers of RFC 822's time; stalwart's malformed/019",
        b"Subject : s\n\n",
        "RFC 5322 section 3.6.8; section 4.5.8 lets readers accept it",
        "fields.header_block",
        DefectKind.SPACE_BEFORE_COLON,
    ),
    MimeQuirk(
        "no-empty-line",
        "a body directly after the fields",
        "delivery reports in enmime's dsn/",
        b"Subject: s\nThe text.\n",
        "RFC 5322 section 2.1: the body is separated by an empty line",
        "fields.header_block",
        DefectKind.NO_EMPTY_LINE,
    ),
    MimeQuirk(
        "bare-cr-lines",
        "lines that end in CR only",
        "mailers of the old Mac OS",
        b"Subject: s\r\rThe text.\r",
        "RFC 5322 section 2.3: CR and LF occur together only",
        "parser",
        DefectKind.BARE_CR_LINES,
    ),
    MimeQuirk(
        "raw-8bit-header",
        "octets outside ASCII that are not UTF-8",
        "Eudora Pro 4.2 and Outlook IMO 9 in stalwart's legacy/",
        b"Subject: Gr\xfc\xdfe\n\n",
        "RFC 5322 section 2.2: US-ASCII; RFC 6532 section 3: UTF-8",
        "content.charset",
        DefectKind.RAW_8BIT_HEADER,
    ),
    MimeQuirk(
        "split-character",
        "encoded words that are cut inside a character",
        "many mailers; CPython's gh-79728",
        b"Subject: =?utf-8?q?Caf=C3?= =?utf-8?q?=A9?=\n\n",
        "RFC 2047 section 5: an integral number of characters",
        "fields.encoded_words",
    ),
    MimeQuirk(
        "word-with-8bit",
        "raw octets inside an encoded word",
        "ten messages of stalwart's legacy/",
        b"Subject: =?iso-8859-1?Q?Fr\xf6sche?=\n\n",
        "RFC 2047 section 2: encoded-text is printable ASCII",
        "fields.encoded_words",
        DefectKind.RAW_8BIT_HEADER,
    ),
    MimeQuirk(
        "word-in-quotes",
        "an encoded word inside a quoted string",
        "mailers that quote every display name",
        b'From: "=?utf-8?q?J=C3=BCrgen?=" <j@b.example>\n\n',
        "RFC 2047 section 5 (3): not within a quoted-string",
        "fields.mailbox",
    ),
    MimeQuirk(
        "unquoted-comma",
        "a display name with a comma and without quotes",
        "older mailers",
        b"From: Doe, John <j@b.example>\n\n",
        "RFC 5322 section 3.4: a comma separates mailboxes",
        "fields.lenient_addresses",
    ),
    MimeQuirk(
        "open-quote",
        "a quote that nothing closes",
        "spam, and display names that were cut",
        b'From: "Ann <a@b.example>\n\n',
        "RFC 5322 section 3.2.4: quoted-string",
        "fields.lenient_addresses",
        DefectKind.BAD_ADDRESS,
    ),
    MimeQuirk(
        "semicolon-list",
        "mailboxes separated by semicolons",
        "lists copied from the address fields of Outlook",
        b"To: a@b.example; c@d.example\n\n",
        "RFC 5322 section 3.4: a comma separates mailboxes",
        "fields.lenient_addresses",
    ),
    MimeQuirk(
        "missing-bracket",
        "an address without its opening angle bracket",
        "mail that programs write",
        b"From: Ann a@b.example>\n\n",
        'RFC 5322 section 3.4: angle-addr = "<" addr-spec ">"',
        "fields.mailbox",
    ),
    MimeQuirk(
        "ctime-date",
        "a date as ctime() and date(1) write it",
        "mail that scripts write",
        b"Date: Mon Jan 15 12:30:45 2024\n\n",
        "RFC 5322 section 3.3: day month year",
        "fields.dates",
    ),
    MimeQuirk(
        "iso-date",
        "a date in the form of RFC 3339",
        "programs that send newsletters",
        b"Date: 2024-01-15T12:30:45Z\n\n",
        "RFC 5322 section 3.3: date-time",
        "fields.dates",
    ),
    MimeQuirk(
        "named-zone",
        "a zone with a name that RFC 5322 lacks",
        "mail that scripts write",
        b"Date: Mon, 15 Jan 2024 13:30:45 CET\n\n",
        'RFC 5322 section 4.3: an unknown zone is "-0000"',
        "fields.dates",
    ),
)
"""Tolerances for the header of a message."""

BODY_QUIRKS: Final = (
    MimeQuirk(
        "missing-semicolon",
        "parameters without a semicolon",
        "stalwart's malformed/017",
        b"Content-Type: text/html charset=utf-8\n\n<p>\xc3\xa4",
        'RFC 2045 section 5.1: *(";" parameter)',
        "fields.lenient_parameters",
    ),
    MimeQuirk(
        "unquoted-spaces",
        "a file name with spaces and without quotes",
        "mail that programs write",
        b"Content-Disposition: attachment; filename=my file.txt\n\n",
        "RFC 2045 section 5.1: value := token / quoted-string",
        "fields.lenient_parameters",
    ),
    MimeQuirk(
        "open-parameter",
        "a parameter whose quote nothing closes",
        "enmime's parts/missing-closing-param-quote; Mozilla 4.7",
        b'Content-Disposition: attachment; filename="a.txt\n\n',
        "RFC 5322 section 3.2.4: quoted-string",
        "fields.lenient_parameters",
        DefectKind.BAD_PARAMETER,
    ),
    MimeQuirk(
        "repeated-parameter",
        "a parameter that is given twice",
        "Microsoft CDO for Windows 2000",
        b"Content-Type: text/plain; charset=utf-8; charset=utf-7\n\n",
        "RFC 2045 section 5.1: the first one counts here",
        "fields.parameters",
        DefectKind.DUPLICATE_PARAMETER,
    ),
    MimeQuirk(
        "word-in-parameter",
        "a file name in encoded words",
        "Outlook, and mailers that write for it",
        b'Content-Disposition: attachment; filename="=?utf-8?q?=C3=A4.txt?="\n\n',
        "RFC 2047 section 5: not within a parameter; RFC 2231",
        "fields.parameters",
        DefectKind.BAD_PARAMETER,
    ),
    MimeQuirk(
        "odd-encoding-label",
        "a transfer encoding with a semicolon, quotes or a comment",
        "CPython's gh-98188; stalwart's thirdparty/004",
        b"Content-Transfer-Encoding: base64;\n\nSGVsbG8=\n",
        "RFC 2045 section 6.1: mechanism",
        "fields.content_type",
        DefectKind.ODD_ENCODING_LABEL,
    ),
    MimeQuirk(
        "base64-footer",
        "text after the base64",
        "mailing lists and virus scanners",
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n\n-- \nThe list: https://l.example\n",
        "RFC 2045 section 6.8: lines of the alphabet",
        "content.transfer",
        DefectKind.BAD_BASE64,
    ),
    MimeQuirk(
        "base64-in-pieces",
        "base64 that continues after its padding",
        "mailers that encode block by block; CPython's gh-137687",
        b"Content-Transfer-Encoding: base64\n\nSGVsbG8=IHdvcmxk\n",
        "RFC 2045 section 6.8: padding is at the end",
        "content.transfer",
        DefectKind.BASE64_AFTER_PADDING,
    ),
    MimeQuirk(
        "stray-equals",
        "an equals sign that begins no escape",
        "enmime's parts/quoted-printable-invalid; a message of Thunderbird 59",
        b"Content-Transfer-Encoding: quoted-printable\n\na=ZZ",
        "RFC 2045 section 6.7: quoted-printable",
        "content.transfer",
        DefectKind.BAD_QUOTED_PRINTABLE,
    ),
    MimeQuirk(
        "uuencoded-text",
        "a uuencoded file inside a text",
        "mailers and newsreaders older than MIME",
        b"Subject: s\n\nSee:\nbegin 644 hello.txt\n%2&5L;&\\\n`\nend\n",
        "RFC 2045: files are parts",
        "parts.unpack",
    ),
    MimeQuirk(
        "packed-text",
        "a text, files and messages in a winmail.dat",
        "Outlook and Exchange, where the message is in rich text",
        b"Content-Type: application/ms-tnef\n\n"
        b"\x78\x9f\x3e\x22\1\0\1\x0c\x80\2\0\6\0\0\0Hello\0\xf4\1",
        "RFC 2046 section 3: text is a part of type text",
        "parts.unpack",
    ),
    MimeQuirk(
        "returned-as-text",
        "a delivery report that is a text for human readers",
        "qmail, Exim before 4.86, Exchange before 2007",
        b"Subject: failure notice\n\nHi. This is the qmail-send program at b.example.\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        b"<a@b.example>:\nNo such mailbox. (#5.1.1)\n",
        "RFC 3464 section 2: a message/delivery-status",
        "parts.report",
    ),
    MimeQuirk(
        "superset-charset",
        "characters of a larger charset than the label names",
        "mailers for Windows",
        b"Content-Type: text/plain; charset=iso-8859-1\n\n\x93Hi\x94",
        "RFC 2046 section 4.1.2; the WHATWG Encoding Standard reads it",
        "content.charset_labels",
    ),
    MimeQuirk(
        "unknown-charset",
        "a charset that is not registered",
        "enmime's low-quality/unk-charset-html-only",
        b"Content-Type: text/plain; charset=x-nope\n\nGr\xc3\xbc\xc3\x9fe",
        "RFC 2046 section 4.1.2: registered names",
        "content.charset",
        DefectKind.UNKNOWN_CHARSET,
    ),
    MimeQuirk(
        "wrong-charset",
        "text in another charset than the label names",
        "git-send-email 1.7.3, Eudora Pro 4.2, Mozilla 4.7",
        b"Content-Type: text/plain; charset=utf-8\n\nGr\xfc\xdfe",
        "RFC 2046 section 4.1.2: the charset parameter",
        "content.charset",
        DefectKind.WRONG_CHARSET,
    ),
    MimeQuirk(
        "missing-boundary",
        "a multipart without its boundary parameter",
        "enmime's mail/multipart-wo-boundary",
        b"Content-Type: multipart/mixed\n\n--=_real\n\none\n--=_real--\n",
        "RFC 2046 section 5.1.1: the parameter is required",
        "parts.scanner",
        DefectKind.BOUNDARY_GUESSED,
    ),
    MimeQuirk(
        "not-closed",
        "a multipart without its closing boundary",
        "enmime's low-quality/bad-final-boundary",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n",
        "RFC 2046 section 5.1.1: close-delimiter",
        "parts.scanner",
        DefectKind.NOT_CLOSED,
    ),
    MimeQuirk(
        "boundary-junk",
        "text after a boundary on its line",
        "enmime's mail/epilogue-sample",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b junk\n\none\n--b--\n",
        "RFC 2046 section 5.1.1: transport-padding is space",
        "parts.scanner",
        DefectKind.BOUNDARY_JUNK,
    ),
    MimeQuirk(
        "encoded-message",
        "a message/rfc822 in base64",
        "eight messages in the collections of stalwart and enmime",
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        b"U3ViamVjdDogaW5uZXIKCng=\n",
        "RFC 2046 section 5.2.1: no encoding but 7bit, 8bit, binary",
        "parser",
    ),
)
"""Tolerances for parts and their content."""

MIME_QUIRKS: Final = (*HEADER_QUIRKS, *BODY_QUIRKS)
"""All tolerances."""
