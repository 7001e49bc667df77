"""Many messages put into a mailbox, or none of them: MULTIAPPEND.

This file knows when a literal needs not wait for the server, and not how a message is written.

RFC 3502; RFC 4315 section 3 (APPENDUID of several messages).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from netmail.flows.flow import Flow
from netmail.flows.imap.session import ImapSession
from netmail.flows.imap.uploads.append import append_options
from netmail.flows.imap.uploads.message_literal import MessageLiteral, Sending, message_literal
from netmail.flows.imap.uploads.sent_octets import SentOctets
from netmail.flows.imap.uploads.upload import Upload
from netmail.results.imap import AppendResult
from netmail.wire.imap import encode, uidplus
from netmail.wire.imap.encode import Argument

if TYPE_CHECKING:
    from netmail.flows.file_target import OnProgress


def append_all(
    session: ImapSession,
    mailbox: str,
    uploads: Iterable[Upload],
    progress: "OnProgress | None",
) -> Flow[list[AppendResult]]:
    """Put messages into a mailbox, or none of them, by one command.

    RFC 3502 section 6.3.11.
    """
    # append = "APPEND" SP mailbox 1*append-message
    #
    # C: T1 APPEND "Archive" (\Seen) {310}
    # S: + send it
    # C: From: ... (\Seen) {280+}
    # C: From: ...
    # S: T1 OK [APPENDUID 38505 3955:3956] done
    session.require("MULTIAPPEND", "append_many(atomic=True)")
    arguments: list[Argument] = [session.mailbox_argument(mailbox)]
    literals: list[MessageLiteral] = []
    sent, accepted = SentOctets(progress) if progress else None, None
    for upload in uploads:
        _, *options = append_options(session, mailbox, upload.flags or (), upload.date)
        # The server requests the first when it has accepted the mailbox and the flags. Others that
        # it may refuse wait too: Dovecot 2.3 would run the lines of the message as commands.
        kind = (encode.flag_list(upload.flags or ()), upload.date is not None)
        reported = sent.of_message() if sent else None
        sending = Sending(synchronizing=kind != accepted, progress=reported)
        literals.append(message_literal(session, upload.message, sending))
        arguments += [*options, literals[-1].argument]
        accepted = kind
    if not literals:
        return []
    responses = yield from session.command("APPEND", *arguments)
    if sent:
        for literal in literals:
            literal.report(sent.of_message())
    return uidplus.appenduids(responses.code("APPENDUID"), len(literals))
