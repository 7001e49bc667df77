"""ACL, LISTRIGHTS and MYRIGHTS: what users may do with a mailbox.

This file knows the grammar of rights in both directions, and not what a right allows.

RFC 4314 sections 3 and 7.
"""

import re
from typing import Final

from netmail.errors import UsageError
from netmail.results.access_rights import GrantableRights, Rights
from netmail.text import check_text
from netmail.wire.imap import encode
from netmail.wire.imap.data.scalars import mailbox, text, unfit
from netmail.wire.imap.responses import DataResponse

# RFC 4314 section 2.1.1: "Clients conforming to this document MUST ignore the virtual "d" and "c"
# rights in MYRIGHTS, ACL, and LISTRIGHTS responses"; of a server of RFC 2086, which announces no
# RIGHTS=, they are real.
_VIRTUAL: Final = frozenset("cd")
# mod-rights = astring (RFC 4314 section 7): "+" to add and "-" to remove rights, else to replace
# them; of rights, "only lowercase ASCII letters and digits are allowed".
_MOD_RIGHTS: Final = re.compile(r"[+-]?[a-z0-9]*")


def identifier(user: str) -> encode.Argument:
    """Write whose rights are meant.

    Raises:
        UsageError: If it is empty, or holds a line end or NUL.

    RFC 4314 section 7: identifier.
    """
    # identifier = astring: "anyone", a user, or "-" before one for negative rights
    if not check_text(user, "an identifier of an access control list"):
        raise UsageError("an identifier of an access control list cannot be empty")
    return encode.string(user.encode())


def mod_rights(rights: str) -> bytes:
    """Write rights to be set.

    Raises:
        UsageError: If they are no letters and digits, after "+" or "-" or nothing.

    RFC 4314 section 7: mod-rights.
    """
    if not _MOD_RIGHTS.fullmatch(check_text(rights, "rights")):
        raise UsageError(f"rights are letters as in 'lrs', '+t' or '-t', not {rights!r:.60}")
    return b'"%b"' % rights.encode("ascii")


def acl_data(
    response: DataResponse, *, virtual: bool = False, strict: bool = False
) -> tuple[str, dict[str, Rights]]:
    """Read one ACL response: the mailbox, and rights by identifier.

    Args:
        response: The response.
        virtual: Whether the rights "c" and "d" count.
        strict: Whether tolerances for known servers are off.

    Raises:
        ProtocolError: If it is no name and pairs.

    RFC 4314 section 7: acl-data.
    """
    # acl-data = "ACL" SP mailbox *(SP identifier SP rights):
    #
    # * ACL INBOX Fred rwipsldexta "-bob" w
    match response.values():
        case [bytes() as name, *pairs] if len(pairs) % 2 == 0:
            rights = {}
            for user, given in zip(pairs[::2], pairs[1::2], strict=True):
                if not isinstance(user, bytes) or not isinstance(given, bytes):
                    raise unfit(response, "name user rights ...")
                rights[text(user) or ""] = _rights(given, virtual=virtual)
            return mailbox(name, strict=strict, utf8=response.utf8), rights
    raise unfit(response, "name user rights ...")


def listrights_data(
    response: DataResponse, *, virtual: bool = False, strict: bool = False
) -> tuple[str, str, GrantableRights]:
    """Read one LISTRIGHTS response: mailbox, identifier, and what can be granted.

    Raises:
        ProtocolError: If it is no mailbox, user and rights.

    RFC 4314 section 7: listrights-data.
    """
    # listrights-data = "LISTRIGHTS" SP mailbox SP identifier SP rights *(SP rights):
    #
    # * LISTRIGHTS ~/Mail/saved smith la r swicdkxte
    match response.values():
        case [bytes() as name, bytes() as user, bytes() as required, *optional]:
            sets = [_rights(each, virtual=virtual) for each in optional if isinstance(each, bytes)]
            granted = GrantableRights(
                _rights(required, virtual=virtual), tuple([each for each in sets if each])
            )
            return mailbox(name, strict=strict, utf8=response.utf8), text(user) or "", granted
    raise unfit(response, "name user rights ...")


def myrights_data(
    response: DataResponse, *, virtual: bool = False, strict: bool = False
) -> tuple[str, Rights]:
    """Read one MYRIGHTS response: the mailbox, and the user's rights.

    Raises:
        ProtocolError: If it is no name and rights.

    RFC 4314 section 7: myrights-data.
    """
    # myrights-data = "MYRIGHTS" SP mailbox SP rights:
    #
    # * MYRIGHTS INBOX rwiptsldaex
    match response.values():
        case [bytes() as name, bytes() as given]:
            return mailbox(name, strict=strict, utf8=response.utf8), _rights(given, virtual=virtual)
    raise unfit(response, "name rights")


def _rights(given: bytes, *, virtual: bool) -> Rights:
    letters = frozenset(given.decode("ascii", "replace"))
    return letters if virtual else letters - _VIRTUAL
