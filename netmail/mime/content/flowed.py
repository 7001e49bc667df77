"""format=flowed: text whose lines may be joined again.

This file knows RFC 3676; it knows no message.
"""

SIGNATURE = "-- "
"""The line before a signature, which ends in a blank and is still no flowing line."""


def unflow(text: str, *, delsp: bool = False) -> str:
    """Join the lines of flowed text into paragraphs.

    Args:
        text: The decoded text, lines ended by LF.
        delsp: Whether the blank at the end of a flowing line goes with the line end, as in
            languages that set no blanks between words.

    Returns:
        One line a paragraph; quoted ones keep their ">" marks and one blank after them.

    RFC 3676 section 4.
    """
    result: list[str] = []
    depth = 0
    open_line: list[str] = []
    for line in text.split("\n"):
        level = len(line) - len(line.lstrip(">"))
        content = line[level:].removeprefix(" ")
        if open_line and (level != depth or content == SIGNATURE):
            result.append(_quoted(open_line, depth))
            open_line = []
        depth = level
        flowing = content.endswith(" ") and content != SIGNATURE
        open_line.append(content[:-1] if flowing and delsp else content)
        if not flowing:
            result.append(_quoted(open_line, depth))
            open_line = []
    if open_line:
        result.append(_quoted(open_line, depth))
    return "\n".join(result)


def _quoted(pieces: list[str], depth: int) -> str:
    text = "".join(pieces)
    return f"{'>' * depth} {text}" if depth else text
