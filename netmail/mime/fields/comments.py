"""Comments and quoted strings in parameterized_value fields other than addresses.

This file knows how to set comments aside; it knows no field. One pass, depth is counted.
"""

import re

_PIECE = re.compile(r"\"(?:[^\"\\]|\\.)*+\"?|[()]|\\.|[^()\"\\]++", re.DOTALL)


def without_comments(text: str) -> tuple[str, list[str]]:
    """Separate a value from its comments.

    Args:
        text: An unfolded value.

    Returns:
        The text with a blank in place of each comment, and the comments, outermost
        parentheses taken off. An open comment goes to the end.

    RFC 5322 section 3.2.2.
    """
    if "(" not in text:
        return text, []
    kept: list[str] = []
    comments: list[list[str]] = []
    depth = 0
    for piece in _PIECE.findall(text):
        if piece == "(":
            depth += 1
            if depth == 1:
                comments.append([])
                kept.append(" ")
                continue
        elif piece == ")":
            depth -= 1
            if depth <= 0:
                depth = 0
                continue
        (comments[-1] if depth else kept).append(piece)
    return "".join(kept), ["".join(pieces) for pieces in comments]
