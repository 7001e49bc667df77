"""Comments of structured fields: found, skipped, or taken out.

This file knows comments and quoted strings; it knows no field. Depth is counted, so nothing
recurses, and every character is read once.
"""

import re

# The patterns are strings, which `re` compiles at their first use: most mail has no comment where
# netmail looks for one.

# comment  = "(" *([FWS] ccontent) [FWS] ")"                  RFC 5322 section 3.2.2
# ccontent = ctext / quoted-pair / comment
# Only these three characters matter inside one; a quote is ctext and means nothing there.
_MARK = r"[()\\]"

# quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE       RFC 5322 section 3.2.4
# quoted-pair   = "\" (VCHAR / WSP)                           RFC 5322 section 3.2.1
# A parenthesis inside either is no comment. A quote that is never closed extends to the end.
_PIECE = r"(?s)\"(?:[^\"\\]|\\.)*+\"?|[()]|\\.|[^()\"\\]++"


def comment_end(text: str, start: int, most: int | None = None) -> int:
    """Find the end of a comment.

    Args:
        text: An unfolded value.
        start: The position of the comment's opening parenthesis.
        most: How many comments may be nested; `None` for any number.

    Returns:
        The position after its closing parenthesis; -1 if it is never closed, or too deep.

    RFC 5322 section 3.2.2.
    """
    depth = 0
    position = start
    marks = re.compile(_MARK)
    while (mark := marks.search(text, position)) is not None:
        position = mark.end()
        if mark[0] == "\\":
            position += 1
        elif mark[0] == "(":
            depth += 1
            if most is not None and depth > most:
                return -1
        else:
            depth -= 1
            if depth == 0:
                return position
    return -1


def without_comments(text: str) -> tuple[str, list[str]]:
    """Separate a value from its comments.

    Args:
        text: An unfolded value.

    Returns:
        The text with a space in place of each comment, and the comments without their outermost
        parentheses. A comment that is never closed extends to the end.

    RFC 5322 section 3.2.2.
    """
    if "(" not in text:
        return text, []
    kept: list[str] = []
    comments: list[str] = []
    position = 0
    pieces = re.compile(_PIECE)
    while (piece := pieces.match(text, position)) is not None:
        position = piece.end()
        if piece[0] == "(":
            end = comment_end(text, piece.start())
            # Section 3.2.2: runs of FWS and comments between tokens "are semantically interpreted
            # as a single space character".
            kept.append(" ")
            comments.append(text[position:] if end < 0 else text[position : end - 1])
            position = len(text) if end < 0 else end
        elif piece[0] != ")":
            kept.append(piece[0])
    return "".join(kept), comments
