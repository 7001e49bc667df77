"""The names and versions of both programs: ID.

This file knows when they may be exchanged, and not what a server does with the client's.

RFC 2971 section 3.1.
"""

from collections.abc import Mapping

from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.data.identification import id_params_list, id_response


def id(
    session: ImapSession, fields: Mapping[str, str | None] | None
) -> Flow[dict[str, str | None]]:
    """Exchange names and versions: ID.

    RFC 2971 section 3.1.
    """
    # C: T1 ID ("name" "sodr" "version" "19.34")
    # S: * ID ("name" "Cyrus" "version" "1.5")
    # S: T1 OK done
    written = id_params_list({} if fields is None else fields)
    # command-any holds ID, RFC 2971 section 4, and NetEase's servers want it before SELECT.
    session.require("ID", "id()")
    responses = yield from session.command("ID", written)
    found = session.read_each(id_response, responses.named("ID"))
    # The response may be NIL, and it is optional: without one the server has nothing to tell.
    return found[-1] if found else {}
