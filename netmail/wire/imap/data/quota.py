"""QUOTA and QUOTAROOT: how much an account may hold.

This file knows the grammar of both responses, and no command.

RFC 9208 section 4.2; RFC 2087.
"""

from collections.abc import Mapping
from typing import Final

from netmail.errors import UsageError
from netmail.results.quota import Quota, QuotaResource
from netmail.wire.imap import encode
from netmail.wire.imap.data.mend import mend
from netmail.wire.imap.data.scalars import mailbox, number, text, texts, unfit
from netmail.wire.imap.responses import DataResponse
from netmail.wire.number import number as number_from

LARGEST: Final = 0x7FFFFFFFFFFFFFFF
"""The largest limit: number64 of RFC 9051 section 9."""


def setquota_list(limits: object) -> bytes:
    """Write limits.

    Raises:
        UsageError: If a name is no atom, or a limit no number from 0 on.

    RFC 9208 section 7: setquota-list.
    """
    # setquota-list = "(" [setquota-resource *(SP setquota-resource)] ")", setquota-resource =
    # resource-name SP resource-limit
    if not isinstance(limits, Mapping):
        raise UsageError(f"limits are a dictionary of numbers, not {type(limits).__name__}")
    pairs = []
    for name, limit in limits.items():
        resource = encode.atom(name, "a quota resource").upper()
        pairs.append(b"%b %d" % (resource, number_from(limit, "a limit", least=0, most=LARGEST)))
    return b"(" + b" ".join(pairs) + b")"


def quota_response(response: DataResponse, *, strict: bool = False) -> Quota:
    """Read one QUOTA response.

    Raises:
        ProtocolError: If it is no root with triplets.

    RFC 9208 section 7: quota-response.
    """
    # quota-response = "QUOTA" SP quota-root-name SP quota-list, quota-list = "(" quota-resource
    # *(SP quota-resource) ")", quota-resource = resource-name SP resource-usage SP resource-limit:
    #
    # * QUOTA "" (STORAGE 10 512)
    match response.values():
        case [bytes() as root, list() as given] if len(given) % 3 == 0:
            # "STORAGE" is in units of 1024 octets, "MESSAGE" in messages, RFC 9208 section 5.
            resources: dict[str, QuotaResource] = {}
            for name, used, most in zip(given[::3], given[1::3], given[2::3], strict=True):
                usage, limit = number(used), number(most)
                # Servers write -1 for what is not limited: it is left out, as RFC 9208 has it.
                if usage is None or limit is None or not isinstance(name, bytes):
                    mend("a QUOTA response has no numbers", "name usage limit", strict=strict)
                    continue
                resources[(text(name) or "").upper()] = QuotaResource(usage, limit)
            return Quota(text(root) or "", resources)
    raise unfit(response, "root (STORAGE 10 512)")


def quotaroot_response(
    response: DataResponse, *, strict: bool = False
) -> tuple[str, tuple[str, ...]]:
    """Read one QUOTAROOT response: the mailbox, and the names of its roots.

    Raises:
        ProtocolError: If it is no list of names.

    RFC 9208 section 7: quotaroot-response.
    """
    # quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name):
    #
    # * QUOTAROOT INBOX "" "comp.mail.mime"
    match response.values():
        case [bytes() as name, *roots] if all(isinstance(root, bytes) for root in roots):
            return mailbox(name, strict=strict, utf8=response.utf8), texts(roots)
    raise unfit(response, "name root ...")
