"""Names of files that a sender chose."""

import pytest

from netmail import Attachment, Mail, MessageError


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\evil.exe", "evil.exe"),
        ("/absolute", "absolute"),
        ("..", "attachment.bin"),
        ("", "attachment.bin"),
        (".bashrc", "bashrc"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ("\u202egnp.exe", "gnp.exe"),
        ("con.txt", "_con.txt"),
        ("COM\u00b9.txt", "_COM\u00b9.txt"),
        ("lpt\u00b3", "_lpt\u00b3"),
        ("CONIN$", "_CONIN$"),
        ("conout$.log", "_conout$.log"),
        ("COM10.txt", "COM10.txt"),
        ("x" * 199 + " " + "y" * 9, "x" * 199),
        ("x" * 199 + "." + "y" * 90, "x" * 199),
        ("x" * 195 + " " + "y" * 9 + ".pdf", "x" * 195 + ".pdf"),
        ("a:b*c?.txt", "a_b_c_.txt"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("ä" * 300, "ä" * 100),
        ("trailing. ", "trailing"),
    ],
)
def test_saved_names_are_safe(tmp_path, name, saved):
    """Whatever the sender's name, the file is in the folder under a harmless one."""
    attachment = Attachment({"Content-Type": "application/octet-stream"}, b"x")
    attachment.__dict__["parsed_content_type"] = attachment.parsed_content_type
    attachment.parsed_content_type.params["name"] = name
    path = attachment.save(tmp_path)

    assert (path.parent, path.name) == (tmp_path, saved)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Attachment({"Content-Type": "text/plain"}, "\ud800"),
        lambda: Attachment({"Content-Type": "text/plain; name=\ud800"}, b"x"),
        lambda: Mail({"Subject": "\ud800"}),
        lambda: Mail([("Subject", "\ud800")]),
        lambda: Mail({}, {"text/plain": "\ud800"}),
    ],
    ids=["content", "name", "subject", "pairs", "text"],
)
def test_lone_surrogates_are_refused(make):
    """What cannot be written is refused where it is given."""
    with pytest.raises(MessageError, match="surrogate"):
        make()
