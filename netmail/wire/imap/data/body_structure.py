"""BODYSTRUCTURE and BODY: the tree of a message's parts.

This file knows the order of the fields, in every form that servers were seen to write, and no
FETCH. It uses no recursion, since the server decides how deep parts nest. `usual_body` is the fast
path beside it.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeGuard

from netmail.errors import ProtocolError
from netmail.results.body_structure import BodyStructure
from netmail.results.imap_envelope import ImapEnvelope
from netmail.wire.imap.data.body_fields import MAX_DEPTH, BodyFields, Params, body_part
from netmail.wire.imap.data.decoding import HeaderDecoding
from netmail.wire.imap.data.envelope import envelope
from netmail.wire.imap.data.mend import mend
from netmail.wire.imap.responses import Value

# media-message = DQUOTE "MESSAGE" DQUOTE SP DQUOTE ("RFC822" / "GLOBAL") DQUOTE
_MESSAGES: Final = frozenset({b"rfc822", b"global"})
_LONGEST_NUMBER: Final = 19


@dataclass(slots=True)
class _Node:
    """A part that is being read: its fields, its section, and its place in the tree."""

    fields: BodyFields
    section: str
    prefix: str
    depth: int
    around: "_Node | None"
    inner: list[BodyStructure] = field(default_factory=list)


def body_structure(
    value: Value, decoding: HeaderDecoding, *, strict: bool = False
) -> BodyStructure:
    """Read a body structure of any form.

    Args:
        value: The parsed value of BODYSTRUCTURE or BODY.
        decoding: How text is decoded.
        strict: Whether what known servers do against the grammar is refused.

    Raises:
        ProtocolError: If it is no list of fields and parts, or nests more than 100 deep.

    RFC 9051 section 7.5.2.
    """
    # From the outermost part inward, then their values from the innermost outward: a value that
    # does not change needs its children first.
    nodes: list[_Node] = []
    waiting: list[tuple[Value, int, _Node | None]] = [(value, 1, None)]
    while waiting:
        given, number, around = waiting.pop()
        parts, fields = _fields(given, decoding, strict=strict)
        node = _placed(fields, number, around)
        nodes.append(node)
        waiting += reversed([(part, index, node) for index, part in enumerate(parts, 1)])
    while True:
        node = nodes.pop()
        part = body_part(node.fields, node.section, tuple(reversed(node.inner)), decoding)
        if node.around is None:
            return part
        node.around.inner.append(part)


def _placed(fields: BodyFields, number: int, around: _Node | None) -> _Node:
    """Number a part.

    RFC 9051 section 6.4.5.1.
    """
    depth = around.depth + 1 if around else 1
    if depth > MAX_DEPTH:
        raise ProtocolError(f"body parts nest more than {MAX_DEPTH} deep")
    prefix = around.prefix if around else ""
    # "Every message has at least one part number", and the parts of a message's own multipart are
    # numbered from the message: the multipart itself has no number but the section TEXT.
    is_top = around is None or around.fields.main.lower() == b"message"
    if is_top and fields.encoding is None:
        return _Node(fields, f"{prefix}TEXT", prefix, depth, around)
    section = f"{prefix}{number}"
    return _Node(fields, section, f"{section}.", depth, around)


def _fields(
    value: Value, decoding: HeaderDecoding, *, strict: bool
) -> tuple[list[Value], BodyFields]:
    """Read one part: the parts in it, and its own fields."""
    if not isinstance(value, list) or not value:
        raise ProtocolError("a BODYSTRUCTURE has no part where one must be", b"", "(...)")
    # body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
    count = next((at for at, each in enumerate(value) if not isinstance(each, list)), len(value))
    # A multipart without parts: ("mixed" ("boundary" "x") NIL NIL); no type is before a list.
    if not count and len(value) > 1 and isinstance(value[1], list):
        mend("a multipart has no part", "body-type-mpart = 1*body ...", strict=strict)
    elif not count:
        return _one_part(_Rest(value, strict=strict), decoding)
    return value[:count], _mpart(_Rest(value[count:], strict=strict))


class _Rest:
    """What follows in a part, taken field by field; a field that is missing is NIL."""

    def __init__(self, values: list[Value], *, strict: bool) -> None:
        self._values = values
        self._at = 0
        self.strict = strict

    @property
    def left(self) -> int:
        """How many fields follow."""
        return len(self._values) - self._at

    def peek(self, ahead: int = 0) -> Value:
        """Return a field that follows."""
        at = self._at + ahead
        return self._values[at] if at < len(self._values) else None

    def take(self) -> Value:
        """Take the next field."""
        value = self.peek()
        self._at += 1
        return value

    def nstring(self) -> bytes | None:
        """Take a string or NIL."""
        value = self.take()
        # RFC 9051 section 9: nstring = string / nil
        if not isinstance(value, list):
            return value
        self.mend("a list where a string must be", "nstring")
        return None

    def string(self) -> bytes:
        """Take a string."""
        # media-basic = ((DQUOTE ("APPLICATION" / ...) DQUOTE) / string) SP media-subtype is never
        # NIL, but Exchange and others write NIL for a Content-Type that they cannot read.
        value = self.nstring()
        if value is None:
            self.mend("no string where one must be", "string")
        return value or b""

    def number(self) -> int | None:
        """Take a number; `None` for what is none, such as -1."""
        # body-fld-octets = number: Exchange writes NIL, Zoho and others -1, some in quotes.
        value = self.take()
        if _is_number(value):
            return int(value)
        self.mend("no number where one must be", "number")
        return None

    def params(self) -> Params:
        """Take parameters."""
        return self.pairs(self.take())

    def pairs(self, value: Value) -> Params:
        """Read parameters."""
        # body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
        if value is None:
            return ()
        strings = value if isinstance(value, list) else []
        if len(strings) % 2 or not strings or not all(isinstance(each, bytes) for each in strings):
            self.mend("parameters are no pairs of strings", "(name value ...)")
            strings = _flat(strings)
        return tuple(
            (name, given)
            for name, given in zip(strings[::2], strings[1::2], strict=False)
            if isinstance(name, bytes) and isinstance(given, bytes)
        )

    def mend(self, what: str, expected: str) -> None:
        """Continue without a field, unless the session is strict."""
        mend(f"a BODYSTRUCTURE has {what}", expected, strict=self.strict)


def _is_number(value: Value) -> TypeGuard[bytes]:
    return isinstance(value, bytes) and value.isdigit() and len(value) <= _LONGEST_NUMBER


def _flat(values: list[Value]) -> list[Value]:
    """Take away parentheses around a name and its value: (("charset" "utf-8"))."""
    flat: list[Value] = []
    for value in values:
        flat += value if isinstance(value, list) else [value]
    return flat


def _mpart(rest: _Rest) -> BodyFields:
    # media-subtype [SP body-ext-mpart], body-ext-mpart = body-fld-param [SP body-fld-dsp [SP
    # body-fld-lang [SP body-fld-loc *(SP body-extension)]]]
    sub = rest.string() or b"mixed"
    params = rest.params()
    disposition, disposition_params = _dsp(rest)
    return BodyFields(
        b"multipart",
        sub,
        params,
        disposition=disposition,
        disposition_params=disposition_params,
        languages=_lang(rest),
        location=rest.nstring(),
    )


def _one_part(rest: _Rest, decoding: HeaderDecoding) -> tuple[list[Value], BodyFields]:
    # body-type-basic = media-basic SP body-fields, body-fields = body-fld-param SP body-fld-id SP
    # body-fld-desc SP body-fld-enc SP body-fld-octets
    main, sub = rest.string(), rest.string()
    params, content_id, description = rest.params(), rest.nstring(), rest.nstring()
    encoding = rest.nstring() or b"7bit"
    size = rest.number()
    bodies, inner = _message(main, sub, rest, decoding)
    lines = _lines(main, rest, expected=bool(bodies))
    # body-ext-1part = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc ...]]]
    md5 = rest.nstring()
    disposition, disposition_params = _dsp(rest)
    return bodies, BodyFields(
        main,
        sub,
        params,
        content_id,
        description,
        encoding,
        size,
        lines,
        md5,
        disposition,
        disposition_params,
        _lang(rest),
        rest.nstring(),
        inner,
    )


def _message(
    main: bytes, sub: bytes, rest: _Rest, decoding: HeaderDecoding
) -> tuple[list[Value], ImapEnvelope | None]:
    # body-type-msg = media-message SP body-fields SP envelope SP body SP body-fld-lines
    if main.lower() != b"message" or sub.lower() not in _MESSAGES:
        return [], None
    # Gmail sends a message that is encoded in base64, which has no lines, without the three.
    if not isinstance(rest.peek(), list) and not _is_body(rest.peek(1)):
        rest.mend("a message without an envelope", "envelope body lines")
        return [], None
    described, body = rest.take(), rest.take()
    inner: ImapEnvelope | None = None
    # The structure is of use although the envelope in it is not.
    if rest.strict:
        inner = envelope(described, decoding, strict=True)
    else:
        with suppress(ProtocolError):
            inner = envelope(described, decoding)
    if not _is_body(body):
        rest.mend("a message without a body", "envelope body lines")
        return [], inner
    return [body], inner


def _is_body(value: Value) -> bool:
    """Tell a part from a disposition, which is a list of a string and parameters."""
    return isinstance(value, list) and (len(value) > 2 or isinstance(next(iter(value), None), list))


def _lines(main: bytes, rest: _Rest, *, expected: bool) -> int | None:
    # body-type-text = media-text SP body-fields SP body-fld-lines
    if expected or main.lower() == b"text":
        following = rest.peek()
        # Exchange leaves the number out, so that body-fld-md5 follows; or writes NIL for it.
        if _is_number(following) or (following is None and rest.left != 4):
            return rest.number()
        # A negative number is no MD5 either, and is the number that is meant.
        rest.mend("text without a number of lines", "body-fld-lines")
        if isinstance(following, bytes) and following.startswith(b"-"):
            rest.take()
        return None
    # Exchange counts the lines of message/delivery-status too.
    if _is_number(rest.peek()):
        rest.mend("lines of what is no text", "body-ext-1part")
        return rest.number()
    return None


def _dsp(rest: _Rest) -> tuple[bytes | None, Params]:
    # body-fld-dsp = "(" string SP body-fld-param ")" / nil
    match rest.take():
        case None:
            return None, ()
        case [bytes() as disposition, params]:
            return disposition, rest.pairs(params)
        # A string by itself, or in a list: "attachment", ("attachment").
        case (bytes() as disposition) | [bytes() as disposition, *_]:
            rest.mend("a disposition of another form", "(string params)")
            return disposition, ()
    rest.mend("a disposition of another form", "(string params)")
    return None, ()


def _lang(rest: _Rest) -> tuple[bytes, ...]:
    # body-fld-lang = nstring / "(" string *(SP string) ")"
    #
    # "A string or parenthesized list giving the body language value as defined in [LANGUAGE-TAGS]".
    value = rest.take()
    if isinstance(value, bytes):
        return (value,)
    return tuple(each for each in value or () if isinstance(each, bytes))
