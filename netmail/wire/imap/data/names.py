"""Responses that are lists of names: ENABLED, LANGUAGE, COMPARATOR, JMAPACCESS.

This file knows their grammar, and no command.

RFC 5161 section 3.2; RFC 5255 sections 3.3 and 4.8; RFC 9698 section 4.
"""

from netmail.wire.imap.data.scalars import text, texts, unfit
from netmail.wire.imap.responses import DataResponse, Value


def enable_data(response: DataResponse) -> frozenset[str]:
    """Read one ENABLED response: extensions in upper case, none if nothing was enabled.

    Raises:
        ProtocolError: If it is no list of names.

    RFC 9051 section 9: enable-data.
    """
    # enable-data = "ENABLED" *(SP capability)
    values = response.values()
    if not all(isinstance(value, bytes) for value in values):
        raise unfit(response, "CONDSTORE ...")
    return frozenset(name.upper() for name in texts(values))


def language_data(response: DataResponse) -> tuple[str, ...]:
    """Read one LANGUAGE response: the language that is in use, or those that there are.

    Raises:
        ProtocolError: If it is no list of tags.

    RFC 5255 section 3.5: language-data.
    """
    # language-data = "LANGUAGE" SP "(" lang-tag-quoted *(SP lang-tag-quoted) ")"
    match response.values():
        case [list() as tags] if tags and all(isinstance(tag, bytes) for tag in tags):
            return texts(tags)
    raise unfit(response, '("en")')


def comparator_data(response: DataResponse) -> tuple[str, tuple[str, ...]]:
    """Read one COMPARATOR response: the comparator in use, and those that match what was asked for.

    Raises:
        ProtocolError: If it has no name.

    RFC 5255 section 4.10: comparator-data.
    """
    # comparator-data = "COMPARATOR" SP comp-sel-quoted [SP "(" comp-id-quoted *(SP comp-id-quoted)
    # ")"]
    match response.values():
        case [bytes() as active, *more] if len(more) < 2:
            others: Value = more[0] if more else None
            return text(active) or "", texts(others)
    raise unfit(response, '"i;ascii-casemap" ("i;octet")')


def jmapaccess_data(response: DataResponse) -> str:
    """Read one JMAPACCESS response: the URL of the JMAP session.

    Raises:
        ProtocolError: If it is no string.

    RFC 9698 section 4.
    """
    # resp-jmapaccess = "JMAPACCESS" SP quoted
    match response.values():
        case [bytes() as url]:
            return text(url) or ""
    raise unfit(response, '"https://host/path"')
