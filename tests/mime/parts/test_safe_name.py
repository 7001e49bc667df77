"""Names of files that a sender chose."""

import pytest

from netmail import Attachment


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
