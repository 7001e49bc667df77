"""What a receiving server found out about a message's origin: Authentication-Results.

This file knows RFC 8601's grammar; whether to believe the server is the reader's business.
"""

import re
from dataclasses import dataclass, field

from netmail.mime.fields.comments import without_comments

_METHOD = re.compile(r"([\w.-]+)(?:\s*/\s*\d+)?\s*=\s*([\w-]+)")
_PROPERTY = re.compile(r"([\w-]+(?:\s*\.\s*[\w-]+)?)\s*=\s*(\"(?:[^\"\\]|\\.)*+\"|[^\s;]+)")
_PIECES = re.compile(r"((?:[^;\"]++|\"(?:[^\"\\]|\\.)*+\"?)*+)(?:;|\Z)")
_MOST = 100
"""Results read from one field; real ones have below 20."""


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """One method's result.

    Attributes:
        method: "spf", "dkim", "dmarc", "arc" and so on, in lower case.
        result: "pass", "fail", "none" and so on, in lower case.
        reason: Why, in the server's words; "" if not said.
        properties: What was looked at, such as {"header.d": "example.org"}.
        comments: What the server wrote in parentheses.
    """

    method: str
    result: str
    reason: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One server's findings.

    Attributes:
        server: The authserv-id of the server that claims to have looked.
        results: One for each method; none where the server says "none".

    RFC 8601 section 2.2.
    """

    server: str
    results: tuple[AuthenticationResult, ...] = ()


def authentication_results(text: str) -> AuthenticationResults:
    """Read one Authentication-Results field.

    Args:
        text: The unfolded value.
    """
    server = ""
    results: list[AuthenticationResult] = []
    for number, match in enumerate(_PIECES.finditer(text)):
        plain, comments = without_comments(match[1])
        if number == 0 and "=" not in plain:
            server = next(iter(plain.split()), "")
            continue
        method = _METHOD.match(plain.strip())
        if method is None:
            continue
        results.append(_result(method, plain.strip()[method.end() :], comments))
        if len(results) >= _MOST:
            break
    return AuthenticationResults(server, tuple(results))


def _result(method: "re.Match[str]", rest: str, comments: list[str]) -> AuthenticationResult:
    properties = {
        name.replace(" ", "").lower(): value.strip('"') for name, value in _PROPERTY.findall(rest)
    }
    return AuthenticationResult(
        method[1].lower(),
        method[2].lower(),
        properties.pop("reason", ""),
        properties,
        tuple(comments),
    )
