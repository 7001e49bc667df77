"""Parameters with comments, missing semicolons, open quotes, or spaces where none may be.

This file knows what mailers make of RFC 2045's grammar; it decodes nothing. One pass over the
text; comments are counted, so nothing recurses.
"""

import re

from netmail.mime.defects import DefectHandler, DefectKind
from netmail.mime.fields.comments import comment_end

# attribute := token                                          RFC 2045 section 5.1
# And the tspecials that cannot be taken for the end of a name.
_NAME = re.compile(r"[^\s;=\"(),]+")

# Where the next parameter may begin after text that is none: "text/plain; what is this; a=b".
_BREAK = re.compile(r"[;\s(]")

# An unquoted value, which may contain spaces: "filename=my file.txt", quirk unquoted-spaces ...
_VALUE = re.compile(r"[^;\r\n]*")

# ... and where the next parameter begins without a semicolon: "charset=utf-8 name=a.txt", quirk
# missing-semicolon.
_NEXT = re.compile(r"\s+(?=[A-Za-z][\w*-]*\s*=|\()")

# quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE       RFC 5322 section 3.2.4
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)

# 'filename="open.txt': a quote that nothing closes extends to the semicolon, quirk open-parameter.
_OPEN_QUOTED = re.compile(r'"([^;"]*)')

# quoted-pair = "\" (VCHAR / WSP)                             RFC 5322 section 3.2.1
# Only before a quote or a backslash, since mailers for Windows write "C:\Users\a.txt" as it is.
_ESCAPE = re.compile(r'\\(["\\])')

# CFWS = (1*([FWS] comment) [FWS]) / FWS                      RFC 5322 section 3.2.2
# RFC 2045 section 5.1 allows it between any two tokens, as all structured fields do.
_SPACES = (" ", "\t")


def lenient_parameters(
    text: str, position: int, limit: int, report: DefectHandler
) -> list[tuple[str, str]]:
    """Read the parameters of a value that breaks the grammar.

    Args:
        text: The unfolded value.
        position: Where to begin.
        limit: How many parameters are read.
        report: Called with BAD_PARAMETER and TOO_MANY_PARAMETERS.

    Returns:
        Names in lower case and values in order, nothing decoded.
    """
    pairs: list[tuple[str, str]] = []
    while position < len(text):
        position = _skip_separators(text, position)
        # A name, "=" and a value; a name without "=" is skipped up to the next separator, and any
        # other character alone.
        match = _NAME.match(text, position)
        equals = _skip_space(text, match.end()) if match else position
        if match is None or not text.startswith("=", equals):
            position = max(equals, _next_break(text, position)) if match else position + 1
            continue
        if len(pairs) >= limit:
            report(DefectKind.TOO_MANY_PARAMETERS)
            break
        value, position = _value(text, _skip_space(text, equals + 1), report)
        pairs.append((match[0].lower(), value))
    return pairs


def _skip_separators(text: str, position: int) -> int:
    """Return the position after semicolons, commas, spaces and comments."""
    while position < len(text):
        if text[position] == "(":
            position = _skip_comment(text, position)
        # "text/plain, charset=utf-8": a comma for the semicolon.
        elif text[position] in " \t;,":
            position += 1
        else:
            break
    return position


def _skip_space(text: str, position: int) -> int:
    """Return the position after spaces and comments."""
    while text[position : position + 1] in _SPACES:
        position += 1
    while text.startswith("(", position):
        position = _skip_comment(text, position)
    return position


def _skip_comment(text: str, position: int) -> int:
    """Return the position after one comment and the spaces after it."""
    end = comment_end(text, position)
    position = len(text) if end < 0 else end
    while text[position : position + 1] in _SPACES:
        position += 1
    return position


def _next_break(text: str, position: int) -> int:
    match = _BREAK.search(text, position + 1)
    return match.start() if match else len(text)


def _value(text: str, position: int, report: DefectHandler) -> tuple[str, int]:
    """Read one value; return it and the position after it."""
    if text.startswith('"', position):
        quoted = _QUOTED.match(text, position)
        if quoted is not None:
            return _ESCAPE.sub(r"\1", quoted[1]), quoted.end()
        report(DefectKind.BAD_PARAMETER)
        opened = _OPEN_QUOTED.match(text, position)
        return (opened[1].strip(), opened.end()) if opened else ("", position + 1)
    found = _VALUE.match(text, position)
    plain = found[0] if found else ""
    following = _NEXT.search(plain)
    if following is not None:
        plain = plain[: following.start()]
    return plain.strip(), position + len(plain)
