"""Commands: values to octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import UsageError
from netmail.wire.imap import encode, utf7
from netmail.wire.imap.encode import Literal, command, parts_of, string
from netmail.wire.imap.fragments import Fragmentizer
from netmail.wire.imap.responses import values
from netmail.wire.reader import Reader


@pytest.mark.parametrize(
    ("data", "written"),
    [
        (b"INBOX", b'"INBOX"'),
        (b"a]b[c+&$~'", b'"a]b[c+&$~\'"'),
        (b"", b'""'),
        (b"nil", b'"nil"'),
        (b"a b", b'"a b"'),
        (b'"\\', b'"\\"\\\\"'),
        (b"{5}", b'"{5}"'),
        (b"x%", b'"x%"'),
        (b"\x01\x7f", b'"\x01\x7f"'),
        (b"a\r\nb", Literal(b"a\r\nb")),
        (b"a\0", Literal(b"a\0")),
        (b"\xc3\xa4", Literal(b"\xc3\xa4")),
        (b" " * 1000, b'"' + b" " * 1000 + b'"'),
        (b" " * 1001, Literal(b" " * 1001)),
    ],
)
def test_string(data, written):
    """In quotes or a literal, never bare: Courier ends a bare name at "[", "]" or "~"."""
    assert string(data) == written


PIECES = st.binary(max_size=40) | st.sampled_from(
    [b"NIL", b"{3}", b'"', b"\\", b"\r\n", b"x" * 1500]
)


@given(st.lists(PIECES, min_size=1, max_size=6))
def test_parsed_back(arguments):
    """What the encoder writes, netmail's fragmentizer and parser read back as the same values."""
    written = command(b"*", b"X", parts_of(map(string, arguments)), {"LITERAL+"})
    reader = Reader()
    reader.feed(b"".join(octets for chunk in written for octets in chunk))
    fragments = Fragmentizer(reader).next()

    assert fragments is not None
    assert reader.available == 0
    assert values(fragments)[2:] == arguments


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), min_size=1))
def test_mailbox_parsed_back(name):
    """A mailbox of any name comes back through the encoder, the parser and UTF-7."""
    written = encode.mailbox(name)
    fragments = [written] if isinstance(written, bytes) else [b"", written.data, b""]
    (found,) = values(fragments)

    assert isinstance(found, bytes)
    assert utf7.decode(found) == name


@pytest.mark.parametrize("capabilities", [(), ("LITERAL+",), ("LITERAL-",)])
@given(arguments=st.lists(st.binary(max_size=5000) | st.just(b"x" * 70_000), max_size=4))
def test_octets_do_not_depend_on_waiting(capabilities, arguments):
    """The same values go out, whether the server is waited for or not."""
    chunks = list(command(b"T1", b"X", parts_of(map(Literal, arguments)), capabilities))
    whole = b"".join(octets for chunk in chunks for octets in chunk)

    assert whole.count(b"+}\r\n") + len(chunks) - 1 >= len(arguments)
    assert len(whole.replace(b"+}\r\n", b"}\r\n")) == len(b"T1 X\r\n") + sum(
        len(b" {%d}\r\n" % len(data)) + len(data.replace(b"+}\r\n", b"}\r\n")) for data in arguments
    )


def test_waiting_chunks():
    """Each chunk but the last ends in a literal's length."""
    parts = parts_of([Literal(b"a"), b"b", Literal(b"c")])
    chunks = [b"".join(chunk) for chunk in command(b"T1", b"X", parts)]

    assert chunks == [b"T1 X {1}\r\n", b"a b {1}\r\n", b"c\r\n"]


@pytest.mark.parametrize("word", ["", "a b", "(", "a]", "é", "a\r", "{3}", '"', "*"])
def test_atom_refused(word):
    """An atom has no special characters."""
    with pytest.raises(UsageError):
        encode.atom(word, "x")


@pytest.mark.parametrize(
    "flags", ["\\", "\\*", "a(b", ["a b"], ["\\Seen\r\n"], ["é"], [""], [None], [5], "a\tb", "a]"]
)
def test_flags_refused(flags):
    """A flag is an atom, with a backslash or without."""
    with pytest.raises(UsageError):
        encode.flag_list(flags)


@pytest.mark.parametrize("name", ["Seen", "SEEN", "deleted", "Answered", "Flagged", "draft"])
def test_system_flag_without_backslash(name):
    """A keyword of a system flag's name marks nothing, and was surely not meant."""
    with pytest.raises(UsageError, match=rf'did you mean r"\\{name.capitalize()}"'):
        encode.flag_list([name, "work"])


@pytest.mark.parametrize("name", [r"\Seen", r"\seen", "$Forwarded", "Junk", "Recent", "Seen2"])
def test_other_flags(name):
    """Other keywords are the caller's own."""
    assert encode.flag_list([name]) == f"({name})".encode()
