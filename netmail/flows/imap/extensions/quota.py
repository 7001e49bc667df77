"""How much the account may hold: GETQUOTA, GETQUOTAROOT, SETQUOTA.

This file knows the commands and which responses belong to them, and no grammar.

RFC 9208 section 4.1; RFC 2087.
"""

from collections.abc import Mapping
from functools import partial

from netmail.errors import CapabilityError, ProtocolError
from netmail.flows.flow import Flow
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.session import ImapSession
from netmail.results.imap import ImapState
from netmail.results.quota import Quota
from netmail.text import check_text
from netmail.wire.imap import encode
from netmail.wire.imap.data.quota import quota_response, quotaroot_response, setquota_list
from netmail.wire.imap.encode import Argument


def get_quota(session: ImapSession, root: str) -> Flow[Quota]:
    """Ask for the limits of one quota root: GETQUOTA.

    RFC 9208 section 4.1.1.
    """
    # C: T1 GETQUOTA "!partition/sda4"
    # S: * QUOTA "!partition/sda4" (STORAGE 104 10923847)
    # S: T1 OK done
    written = _root(root)
    _require(session, "get_quota()")
    responses = yield from session.command("GETQUOTA", written)
    return _of_root(_quotas(session, responses), root)


def get_quota_root(session: ImapSession, name: str) -> Flow[list[Quota]]:
    """Ask for the limits that hold for a mailbox: GETQUOTAROOT.

    RFC 9208 section 4.1.2.
    """
    # C: T1 GETQUOTAROOT "INBOX"
    # S: * QUOTAROOT INBOX "#user/alice" "!partition/sda4"
    # S: * QUOTA "#user/alice" (MESSAGE 42 1000)
    # S: * QUOTA "!partition/sda4" (STORAGE 104 10923847)
    # S: T1 OK done
    mailbox = session.mailbox_argument(name)
    _require(session, "get_quota_root()")
    responses = yield from session.command("GETQUOTAROOT", mailbox)
    read = partial(quotaroot_response, strict=session.strict)
    listed = session.read_each(read, responses.named("QUOTAROOT"))
    if not listed:
        message = "GETQUOTAROOT ended without a QUOTAROOT response"
        raise ProtocolError(message, b"", "* QUOTAROOT name root ...")
    # "For each listed quota root, it also returns the quota root's resource usage and limits in an
    # untagged QUOTA response": of one that is missing nothing is known.
    quotas = {quota.root: quota for quota in _quotas(session, responses)}
    _, roots = listed[-1]
    return [quotas.get(root, Quota(root)) for root in roots]


def set_quota(session: ImapSession, root: str, limits: Mapping[str, int]) -> Flow[Quota]:
    """Set the limits of a quota root: SETQUOTA.

    RFC 9208 section 4.1.3.
    """
    # C: T1 SETQUOTA "" (STORAGE 512)
    # S: * QUOTA "" (STORAGE 10 512)
    # S: T1 OK done
    written, listed = _root(root), setquota_list(limits)
    _require(session, "set_quota()")
    # RFC 9208 section 4.1.3: "QUOTASET" announces SETQUOTA. Servers of RFC 2087 have it with QUOTA
    # alone, and announce no "QUOTA=RES-" either.
    is_new = any(name.startswith("QUOTA=RES-") for name in session.capabilities)
    if is_new and not session.offers("QUOTASET"):
        message = "set_quota() needs QUOTASET, which the server does not offer"
        raise CapabilityError(message, "QUOTASET")
    responses = yield from session.command("SETQUOTA", written, listed)
    quotas = _quotas(session, responses)
    # RFC 9208 requires QUOTA of GETQUOTA, and not of SETQUOTA: a server without it has obeyed too.
    return _of_root(quotas, root) if quotas else Quota(root)


def _require(session: ImapSession, call: str) -> None:
    session.require_state(ImapState.AUTHENTICATED, ImapState.SELECTED)
    session.require("QUOTA", call)


def _root(root: str) -> Argument:
    # quota-root-name = astring: no mailbox name, so that nothing but UTF-8 encodes it; "" is one.
    return encode.string(check_text(root, "the name of a quota root").encode())


def _quotas(session: ImapSession, responses: Responses) -> list[Quota]:
    return session.read_each(
        partial(quota_response, strict=session.strict), responses.named("QUOTA")
    )


def _of_root(quotas: list[Quota], root: str) -> Quota:
    """Pick the limits of a root; servers may send those of others at any time."""
    matching = [quota for quota in quotas if quota.root == root]
    if not matching:
        message = "no QUOTA response came for the quota root"
        raise ProtocolError(message, b"", "* QUOTA root (...)")
    return matching[-1]
