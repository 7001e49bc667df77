"""How headers are written: encoded words, folds, addresses. Known values."""

from datetime import datetime

import pytest

from netmail.address import Address, Group
from netmail.errors import MessageError
from netmail.mime.writer.fields import date_time
from netmail.mime.writer.header_lines import address_field, unstructured_field
from netmail.mime.writer.input_address import address_list


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("Hello", b"Subject: Hello\r\n", id="plain"),
        pytest.param("", b"Subject: \r\n", id="empty"),
        pytest.param("a  b", b"Subject: a  b\r\n", id="two spaces"),
        pytest.param(" a", b"Subject: =?utf-8?q?_a?=\r\n", id="leading space"),
        pytest.param("a\tb", b"Subject: a\tb\r\n", id="tab"),
        pytest.param("a\x7fb", b"Subject: =?utf-8?q?a=7Fb?=\r\n", id="control"),
        pytest.param("caffè", b"Subject: =?utf-8?q?caff=C3=A8?=\r\n", id="q"),
        pytest.param("日本語", b"Subject: =?utf-8?b?5pel5pys6Kqe?=\r\n", id="b"),
        pytest.param("Re: an Ünï c", b"Subject: Re: an =?utf-8?b?w5xuw68=?= c\r\n", id="run"),
        pytest.param("ü  b c", b"Subject: =?utf-8?q?=C3=BC__b_c?=\r\n", id="run with two spaces"),
        pytest.param("é a é", b"Subject: =?utf-8?b?w6kgYSDDqQ==?=\r\n", id="run over a word"),
        pytest.param("=?x", b"Subject: =?utf-8?b?PT94?=\r\n", id="looks encoded"),
    ],
)
def test_unstructured(text, written):
    """Text is encoded where it must be, and only there."""
    assert unstructured_field("Subject", text) == written


def test_fold_between_words():
    """A long value is folded at 78 columns before a word, which stays whole."""
    text = " ".join(f"word{i:04}" for i in range(30))
    field = unstructured_field("Subject", text)

    assert all(len(line) <= 78 for line in field.split(b"\r\n"))
    assert f"Subject: {text}\r\n" == field.replace(b"\r\n ", b" ").decode()


def test_fold_never_breaks():
    """A word that is longer than a line stays whole, beside the name."""
    url = "https://example.org/" + "x" * 200

    assert unstructured_field("X-Url", url) == f"X-Url: {url}\r\n".encode()


def test_endless_word():
    """A word that fits no line at all is encoded, so that it can be cut."""
    field = unstructured_field("Subject", "x" * 3000)

    assert all(len(line) <= 78 for line in field.split(b"\r\n"))


def test_endless_identifier():
    """An identifier cannot be cut, and is refused."""
    with pytest.raises(MessageError, match="998"):
        unstructured_field("References", f"<{'x' * 1000}@x>", ascii_only=True)


def test_identifier_is_ascii():
    """An identifier outside ASCII is refused, not encoded."""
    with pytest.raises(MessageError, match="ASCII"):
        unstructured_field("References", "<ü@x>", ascii_only=True)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "a@x"),
        ("Ann", "Ann <a@x>"),
        ("Ann B", "Ann B <a@x>"),
        ("B, Ann", '"B, Ann" <a@x>'),
        ('"Q" \\', '"\\"Q\\" \\\\" <a@x>'),
        ("A. B", '"A. B" <a@x>'),
        (" A", '" A" <a@x>'),
        ("Ünï", "=?utf-8?b?w5xuw68=?= <a@x>"),
    ],
)
def test_names(name, written):
    """A display name is written as atoms, a quoted string or encoded words."""
    assert address_field("To", [Address(name, "a@x")]) == f"To: {written}\r\n".encode()


def test_groups():
    """Groups are written with their members."""
    ann, bob = Address("", "a@x"), Address("Bob", "b@x")

    assert address_field("To", [Group("Team", (ann, bob)), Group("ü"), ann]) == (
        b"To: Team: a@x, Bob <b@x>;, =?utf-8?b?w7w=?= :;, a@x\r\n"
    )


def test_fold_addresses():
    """A long list is folded between addresses."""
    field = address_field("To", [Address("Some Name", f"user{i}@example.org") for i in range(9)])

    assert all(len(line) <= 78 for line in field.split(b"\r\n"))
    assert field.count(b" <user") == 9


def test_utf8_local_part():
    """A local part outside ASCII is written as UTF-8 where the transport allows, else refused."""
    address = Address("Ü", "jürgen@x")

    assert (
        address_field("To", [address], utf8=True) == "To: =?utf-8?b?w5w=?= <jürgen@x>\r\n".encode()
    )
    with pytest.raises(MessageError, match="SMTPUTF8"):
        address_field("To", [address])


@pytest.mark.parametrize("text", ["a@" + "ü" * 70, "a@x, " * 200_001, "a@ü..x"])
def test_too_much(text):
    """A label, or a string of addresses, that is too long is refused."""
    with pytest.raises(MessageError):
        address_list(text)


def test_naive_moment():
    """A moment without time zone is none that a header could tell."""
    with pytest.raises(MessageError):
        date_time(datetime(2026, 11, 20))  # noqa: DTZ001  # what is tested
