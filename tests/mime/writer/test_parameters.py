"""Parameters as they are written (RFC 2231)."""

import pytest

from netmail.mime.writer.parameters import parameter_field


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a.txt", "filename=a.txt"),
        ("a b.txt", 'filename="a b.txt"'),
        ('a"\\.txt', 'filename="a\\"\\\\.txt"'),
        ("ä.txt", "filename*=utf-8''%C3%A4.txt"),
        ("a'%*.txt", 'filename="a\'%*.txt"'),
        ("a\x01", "filename*=utf-8''a%01"),
    ],
)
def test_file_names(name, written):
    """A file name is a token, a quoted string, or encoded by RFC 2231."""
    assert parameter_field("Content-Disposition", "attachment", (("filename", name),)) == (
        f"Content-Disposition: attachment; {written}\r\n".encode()
    )


def test_long_file_name():
    """A long name is continued, and cut between characters only."""
    field = parameter_field("Content-Disposition", "attachment", (("filename", "漢字" * 20),))
    lines = field.split(b"\r\n")[:-1]

    assert all(len(line) <= 78 for line in lines)
    assert all(line.rstrip(b";").count(b"%") % 3 == 0 for line in lines)
    assert lines[1][:38] == b" filename*0*=utf-8''%E6%BC%A2%E5%AD%97"


def test_name_for_outlook():
    """The name of a Content-Type is written as encoded words, each on a line that it fits."""
    field = parameter_field("Content-Type", "a/b", (("name", "漢字" * 20),), encoded=True)

    assert all(len(line) <= 78 for line in field.split(b"\r\n"))
    assert field.startswith(b'Content-Type: a/b;\r\n name="=?utf-8?b?')
