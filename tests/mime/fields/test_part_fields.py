"""The Content-* fields of a part as values."""

import pytest

from netmail import parse


def filename(*fields):
    return parse("\n".join([*fields, "", "x"]).encode("utf-8", "surrogateescape")).root.filename


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["Content-Disposition: attachment; filename=a.txt"], "a.txt"),
        (["Content-Type: text/plain; name=a.txt"], "a.txt"),
        (
            [
                "Content-Type: text/plain; name=b.txt",
                "Content-Disposition: attachment; filename=a.txt",
            ],
            "a.txt",
        ),
        (['Content-Disposition: attachment; filename="=?utf-8?q?=C3=A4.txt?="'], "ä.txt"),
        (
            ['Content-Disposition: attachment; filename="=?utf-8?q?=C3?=\n =?utf-8?q?=A4.txt?="'],
            "ä.txt",
        ),
        (["Content-Disposition: attachment; filename==?utf-8?b?w6QudHh0?="], "ä.txt"),
        (["Content-Disposition: attachment; filename=my file.txt"], "my file.txt"),
        (['Content-Disposition: attachment; filename="a\\"b.txt"'], 'a"b.txt'),
        (['Content-Disposition: attachment; filename="C:\\Users\\a.txt"'], "C:\\Users\\a.txt"),
        (['Content-Disposition: attachment; filename="ä.txt"'], "ä.txt"),
        (['Content-Disposition: attachment; filename="gr\udcfc\udcdfe.txt"'], "grüße.txt"),
        (["Content-Disposition: filename=a.txt"], "a.txt"),
        (["Content-Disposition: attachment filename=a.txt"], "a.txt"),
        (['Content-Disposition: attachment; filename="a;b.txt"'], "a;b.txt"),
        (['Content-Disposition: attachment; filename="open.txt'], "open.txt"),
        (["Content-Disposition: attachment; FileName = a.txt ; size=1"], "a.txt"),
        (["Content-Disposition: attachment; filename=a.txt size=1"], "a.txt"),
        (["Content-Disposition: attachment; filename=a.txt (comment)"], "a.txt"),
        (['Content-Disposition: attachment; filename=""', "Content-Type: a/b; name=n"], "n"),
        (["Content-Disposition: attachment"], None),
        (["Content-Disposition: attachment; filename='a.txt'"], "'a.txt'"),
        (["Content-Disposition: attachment; filename=a=b.txt"], "a=b.txt"),
    ],
)
def test_file_names(fields, expected):
    """Every place and shape in which mailers write file names."""
    assert filename(*fields) == expected
