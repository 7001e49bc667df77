"""The header of a file that was no part of a message, but packed inside one.

This file must not know what it was packed in. Its name comes from a stranger, and must not end the
header field that it becomes a part of.
"""


def disposition(name: str) -> str:
    """Return the value of Content-Disposition for a packed file.

    Args:
        name: The file's name, whatever is in it.

    RFC 2183 section 2.
    """
    clean = "".join(char for char in name if char.isprintable()).replace("\\", "/")
    quoted = clean.replace('"', "'")
    return f'attachment; filename="{quoted}"'
