"""format=flowed: text whose lines may be joined again.

This file knows RFC 3676; it knows no message.
"""

SIGNATURE = "-- "
"""The line before a signature. It ends in a space and is never a flowed line: section 4.3."""


def unflow(text: str, *, delsp: bool = False) -> str:
    """Join the lines of flowed text into paragraphs.

    Args:
        text: The decoded text, lines ended by LF.
        delsp: Whether the space at the end of a flowed line is deleted with the line end, as in
            Chinese and Japanese, which write none.

    Returns:
        One line a paragraph; quoted ones keep their ">" marks and one space after them.

    RFC 3676 section 4.
    """
    result: list[str] = []
    depth = 0
    paragraph: list[str] = []
    for line in text.split("\n"):
        # Section 4.1: count the quote marks, then remove one stuffed space.
        level = len(line) - len(line.lstrip(">"))
        content = line[level:].removeprefix(" ")
        # Section 4.5: a line of another quote depth ends the paragraph, even after a soft break.
        if paragraph and (level != depth or content == SIGNATURE):
            result.append(_quoted(paragraph, depth))
            paragraph = []
        depth = level
        # flowed-line = ( *text-char 1*SP CRLF ): a line that ends in a space continues.
        flowing = content.endswith(" ") and content != SIGNATURE
        paragraph.append(content[:-1] if flowing and delsp else content)
        if not flowing:
            result.append(_quoted(paragraph, depth))
            paragraph = []
    if paragraph:
        result.append(_quoted(paragraph, depth))
    return "\n".join(result)


def _quoted(pieces: list[str], depth: int) -> str:
    text = "".join(pieces)
    return f"{'>' * depth} {text}" if depth else text
