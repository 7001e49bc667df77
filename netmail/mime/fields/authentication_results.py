"""What a receiving server found out about a message's origin: Authentication-Results.

This file knows the grammar of RFC 8601; whether to believe the server is the caller's decision.
"""

import re
from dataclasses import dataclass, field

from netmail.mime.fields.comments import without_comments

# authres-header-field = "Authentication-Results:" authres-payload    RFC 8601 section 2.2
# authres-payload = [CFWS] authserv-id [ CFWS authres-version ]
#                   ( no-result / 1*resinfo ) [CFWS] CRLF
# authserv-id     = value
# no-result       = [CFWS] ";" [CFWS] "none"
# resinfo         = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
#
# One piece up to a semicolon outside quotes: the authserv-id, then one resinfo each.
_RESINFO = re.compile(r"((?:[^;\"]++|\"(?:[^\"\\]|\\.)*+\"?)*+)(?:;|\Z)")

# methodspec     = [CFWS] method [CFWS] "=" [CFWS] result     RFC 8601 section 2.2
# method         = Keyword [ [CFWS] "/" [CFWS] method-version ]
# result         = Keyword
# method-version = 1*DIGIT [CFWS]
_METHODSPEC = re.compile(r"([\w.-]+)(?:\s*/\s*\d+)?\s*=\s*([\w-]+)")

# reasonspec = "reason" [CFWS] "=" [CFWS] value               RFC 8601 section 2.2
# propspec   = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
# ptype      = Keyword
# property   = special-smtp-verb / Keyword
# pvalue     = [CFWS] ( ( value / [ [ local-part ] "@" ] domain-name ) ) [CFWS]
_PROPSPEC = re.compile(r"([\w-]+(?:\s*\.\s*[\w-]+)?)\s*=\s*(\"(?:[^\"\\]|\\.)*+\"|[^\s;]+)")

_MOST = 100
"""Results read from one field; real ones have below 20."""


@dataclass(frozen=True, slots=True)
class AuthenticationResult:
    """One method's result.

    Attributes:
        method: "spf", "dkim", "dmarc", "arc" and so on, in lower case.
        result: "pass", "fail", "none" and so on, in lower case.
        reason: The server's explanation; "" if it is missing.
        properties: What was checked, such as {"header.d": "example.org"}.
        comments: The server's text in parentheses.

    RFC 8601 section 2.2.
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
        server: The authserv-id of the server that claims to have checked.
        results: One for each method; none if the server says "none".

    RFC 8601 section 2.2.
    """

    server: str
    results: tuple[AuthenticationResult, ...] = ()


def authentication_results(text: str) -> AuthenticationResults:
    """Read one Authentication-Results field.

    Args:
        text: The unfolded value.

    RFC 8601 section 2.2.
    """
    server = ""
    results: list[AuthenticationResult] = []
    for number, match in enumerate(_RESINFO.finditer(text)):
        plain, comments = without_comments(match[1])
        # Exchange Online leaves the authserv-id out: the field begins with "spf=pass ...".
        if number == 0 and "=" not in plain:
            server = next(iter(plain.split()), "")
            continue
        # "none", and what is no result: a server that writes nonsense costs its own line.
        method = _METHODSPEC.match(plain.strip())
        if method is None:
            continue
        results.append(_result(method, plain.strip()[method.end() :], comments))
        if len(results) >= _MOST:
            break
    return AuthenticationResults(server, tuple(results))


def _result(method: "re.Match[str]", rest: str, comments: list[str]) -> AuthenticationResult:
    properties = {
        name.replace(" ", "").lower(): value.strip('"') for name, value in _PROPSPEC.findall(rest)
    }
    return AuthenticationResult(
        method[1].lower(),
        method[2].lower(),
        properties.pop("reason", ""),
        properties,
        tuple(comments),
    )
