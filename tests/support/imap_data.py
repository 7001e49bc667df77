"""ENVELOPE and BODYSTRUCTURE as servers write them, made by hypothesis.

Nothing here reads them.
"""

from hypothesis import strategies as st

PLAIN = [
    b"",
    b"a",
    b"Re: hello",
    b"=?utf-8?q?J=C3=BCrgen?=",
    b"\xc3\xa4",
    b"\xff",
    b"x@y",
    b"<a@b>",
]
ESCAPED = [rb"say \"hi\"", rb"C:\\x", rb"\\", rb"a\b"]
DATES = [b"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)", b"", b"yesterday", b"1 Feb 2024 10:00 GMT"]
STRINGS = st.sampled_from([*PLAIN, *ESCAPED]).map(lambda text: b'"%b"' % text)
SIMPLE = st.sampled_from(PLAIN).map(lambda text: b'"%b"' % text)
NIL = st.just(b"NIL")
NSTRINGS = NIL | STRINGS
NUMBERS = st.integers(0, 10**18).map(lambda number: b"%d" % number)


def joined(*items, by=b" "):
    """Write a list of what strategies make."""
    return st.tuples(*items).map(lambda made: b"(" + by.join(made) + b")")


def some(items, least=1, most=3, by=b" "):
    """Write a list of one kind."""
    return st.lists(items, min_size=least, max_size=most).map(
        lambda made: b"(" + by.join(made) + b")"
    )


HOSTS = st.sampled_from([b'"example.org"', b'"MISSING_DOMAIN"', b'"[127.0.0.1]"', b'"a b"', b'""'])
MAILBOXES = STRINGS | st.sampled_from([b'"ann"', b'"john doe"', b'"MISSING_MAILBOX"', b'"a@b"'])
ADDRESSES = joined(NSTRINGS, NSTRINGS, MAILBOXES, HOSTS)
GROUPS = st.tuples(STRINGS, st.lists(ADDRESSES, max_size=2)).map(
    lambda made: b"(NIL NIL %b NIL)%b(NIL NIL NIL NIL)" % (made[0], b"".join(made[1]))
)
LISTS = NIL | some(ADDRESSES, by=b"") | some(ADDRESSES | GROUPS, by=b"")
WRITTEN_DATES = st.sampled_from(DATES).map(lambda text: b'"%b"' % text) | NIL
ENVELOPES = joined(WRITTEN_DATES, NSTRINGS, *[LISTS] * 6, NSTRINGS, NSTRINGS)

NAMES = st.sampled_from([b'"charset"', b'"NAME"', b'"filename*"', b'"name*0*"'])
VALUES = st.sampled_from([b'"utf-8"', b"\"utf-8''%e2%82%ac\"", b'"a b.txt"']) | SIMPLE | STRINGS
PARAMS = NIL | some(st.tuples(NAMES, VALUES).map(b" ".join))
DSP = NIL | joined(st.sampled_from([b'"attachment"', b'"INLINE"']), PARAMS)
LANG = NIL | STRINGS | some(STRINGS)
FIELDS = (PARAMS, NSTRINGS, NSTRINGS, st.sampled_from([b'"7BIT"', b'"base64"']), NUMBERS)


def either(least, more):
    """Write fields, with and without the extension fields."""
    return joined(*least) | joined(*least, *more)


TEXTS = either(
    (st.just(b'"TEXT"'), st.sampled_from([b'"plain"', b'"html"']), *FIELDS, NUMBERS),
    (NSTRINGS, DSP, LANG, NSTRINGS),
)
BASICS = either(
    (st.sampled_from([b'"image"', b'"application"', b'"message"']), SIMPLE, *FIELDS),
    (NSTRINGS, DSP, LANG, NSTRINGS),
)


def around(parts):
    """Write a multipart or a message around parts."""
    several = st.lists(parts, min_size=1, max_size=3).map(b"".join)
    extension = st.tuples(PARAMS, DSP, LANG, NSTRINGS).map(lambda made: b" " + b" ".join(made))
    subtype = st.sampled_from([b' "mixed"', b' "ALTERNATIVE"'])
    multipart = st.tuples(several, subtype, st.just(b"") | extension).map(
        lambda made: b"(" + b"".join(made) + b")"
    )
    message = (st.just(b'"message" "rfc822"'), *FIELDS, ENVELOPES, parts, NUMBERS)
    return multipart | either(message, (NSTRINGS, DSP, LANG, NSTRINGS))


BODIES = st.recursive(TEXTS | BASICS, around, max_leaves=5)
