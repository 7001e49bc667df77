"""One command for each of several sets of UIDs, in flight together.

This file knows no command.

RFC 9051 section 5.5.
"""

from netmail.flows.flow import Flow
from netmail.flows.imap.extensions.message_limit import each_set
from netmail.flows.imap.pipelining.call import Call
from netmail.flows.imap.pipelining.scheduler import Scheduler
from netmail.flows.imap.responses import Responses
from netmail.flows.imap.session import ImapSession
from netmail.wire.imap.encode import Argument


def command_each(
    session: ImapSession, name: str, sets: list[str], *arguments: Argument
) -> Flow[list[Responses]]:
    """Send a command for each set, and return the responses in the order of the sets.

    Raises:
        ImapError: If the server has refused one, the first in order; the others were carried out.

    RFC 9051 sections 5.5 and 6.4.9.
    """
    # C: T1 UID STORE 1:2000 +FLAGS (\Seen)
    # C: T2 UID STORE 4001:6000 +FLAGS (\Seen)
    # S: T1 OK done
    # S: T2 OK done
    #
    # RFC 9738 section 3.1: a server may stop before the last message, and what is left depends on
    # where it did.
    alone = session.queue is None and len(sets) < 2  # nothing that could be in flight beside it
    is_limited = not alone and any(
        each.startswith("MESSAGELIMIT=") for each in session.capabilities
    )
    # In a pipeline no other call may come between the commands.
    if session.queue is not None and (is_limited or len(sets) > 1):
        yield from session.settle()
    if is_limited or len(sets) < 2:
        found: list[Responses] = []
        for some in each_set(session, sets):
            response = yield from session.command(name, some.encode(), *arguments)
            found.append(response)
        return found
    # The sets of one call have responses of one meaning: whose of them each is does not matter.
    group = f"sets {id(sets)}"
    calls = [Call(session.command(name, some.encode(), *arguments, about=group)) for some in sets]
    yield from Scheduler(session, calls).run()
    return [call.pending.result() for call in calls]
