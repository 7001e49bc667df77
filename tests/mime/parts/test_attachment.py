"""Attachments as values, and saved as files."""

import json

import pytest

from netmail import Attachment, Headers


def test_attachments_compare_print_and_serialise():
    """By headers and content."""
    one = Attachment(
        {"Content-Type": "text/plain; name=a.txt; charset=latin-1"}, "ä".encode("latin-1")
    )
    two = Attachment(Headers(one.headers), one.content)

    assert one == two
    assert one != "text"
    assert (str(one), repr(one)) == ("a.txt (text/plain)", "Attachment('a.txt', 'text/plain')")
    assert json.loads(one.to_json())["content"] == "5A=="
    assert (one.text, one.message, b"".join(one.chunks())) == ("ä", None, b"\xe4")


def test_nameless_attachment_is_named_by_its_type(tmp_path):
    """The ending tells what it is."""
    attachment = Attachment({"Content-Type": "image/png"}, b"x")

    assert (str(attachment), attachment.save(tmp_path).name) == (
        "attachment.png (image/png)",
        "attachment.png",
    )


def test_failed_save_leaves_no_file(tmp_path):
    """Half a file would look like a whole one."""
    attachment = Attachment({"Content-Type": "text/plain; name=a"}, b"x")
    attachment.chunks = lambda: iter([b"x", "no octets"])
    with pytest.raises(TypeError):
        attachment.save(tmp_path)

    assert list(tmp_path.iterdir()) == []
