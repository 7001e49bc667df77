"""SMTP's small commands: VRFY, EXPN, HELP, RSET, and any other line.

This file must not know how mail is sent.
"""

from typing import Final

from netmail.errors import CapabilityError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.smtp.session import SmtpSession
from netmail.results.smtp import AddressVerification, SmtpReply, refusal
from netmail.text import check_text, split_verb
from netmail.wire import smtp
from netmail.wire.smtp_path import string

_VRFY_DECIDED: Final = frozenset({250, 251, 252, 550, 551, 553})
"""Codes that tell about the address; others tell that the server did not look it up. RFC 5321
section 4.3.2."""

_INSTEAD: Final = {
    "DATA": "add_message() and send()",
    "BDAT": "add_message() and send()",
    "STARTTLS": "tls=TLS_ALL",
    "AUTH": "username=, password= and auth=",
    "QUIT": "quit()",
}
"""Commands that end the session or are followed by something other than commands, each with what
to use instead."""


def verify(session: SmtpSession, address: str) -> Flow[AddressVerification]:
    """Send VRFY.

    RFC 5321 sections 3.5 and 4.1.1.6.
    """
    # vrfy = "VRFY" SP String CRLF
    reply = yield from session.exchange(_lookup(session, "VRFY", address, "the address"))
    # 252 is a result too, RFC 5321 section 4.2.2: "Cannot VRFY user, but will accept message and
    # attempt delivery". 502 and the like are none.
    if reply.code in _VRFY_DECIDED:
        return AddressVerification(reply.code, reply.enhanced, reply.text)
    raise refusal("VRFY", reply)


def expn(session: SmtpSession, name: str) -> Flow[list[str]]:
    """Send EXPN.

    RFC 5321 sections 3.5.2 and 4.1.1.7.
    """
    # expn = "EXPN" SP String CRLF
    reply = yield from session.command(_lookup(session, "EXPN", name, "the list's name"))
    # 252 is positive, but has no members; an empty list would be wrong.
    if reply.code != 250:
        raise refusal("EXPN", reply)
    # RFC 5321 section 3.5.2: a multi-line reply with one mailbox a line.
    return reply.text.split("\n")


def help(session: SmtpSession, topic: str | None = None) -> Flow[str]:
    """Send HELP.

    RFC 5321 section 4.1.1.8.
    """
    # help = "HELP" [ SP String ] CRLF; the reply is 211 or 214, often in many lines
    argument = b"" if topic is None else b" " + check_text(topic, "the topic").encode()
    reply = yield from session.command(b"HELP" + argument)
    return reply.text


def rset(session: SmtpSession) -> Flow[SmtpReply]:
    """Send RSET.

    RFC 5321 section 4.1.1.5.
    """
    # rset = "RSET" CRLF
    reply = yield from session.command(b"RSET")
    # Not before: a server that refuses RSET still has the transaction.
    session.transaction_open = False
    return reply


def exec(session: SmtpSession, command: str) -> Flow[SmtpReply]:
    """Send a line as it is, and keep track of what it changes in the session.

    RFC 5321 section 4.1.1.
    """
    # The check is the whole defence: a line end in the text would begin a second command.
    line = check_text(command, "the command").strip()
    verb = split_verb(line)[0].upper()
    if not verb:
        raise UsageError("exec() needs a command")
    if verb in _INSTEAD:
        raise UsageError(f"exec() cannot send {verb}: use {_INSTEAD[verb]}")
    reply = yield from session.command(line.encode())
    # RFC 5321 section 4.1.4: EHLO and HELO clear all buffers, as if RSET had been sent.
    if verb in {"EHLO", "HELO"}:
        session.capabilities = smtp.extensions(reply.text.split("\n"))
        session.transaction_open = False
    elif verb in {"MAIL", "RCPT"}:
        session.transaction_open = True
    elif verb == "RSET":
        session.transaction_open = False
    return reply


def _lookup(session: SmtpSession, verb: str, name: str, what: str) -> bytes:
    # String = Atom / Quoted-string: a user name, a mailing list or a mailbox
    line = verb.encode() + b" " + string(name, what)
    if line.isascii():
        return line
    # RFC 6531 section 3.7.4.2: VRFY and EXPN take the parameter SMTPUTF8.
    if "SMTPUTF8" not in session.capabilities:
        raise CapabilityError(f"{what} {name!r} needs SMTPUTF8", "SMTPUTF8")
    return line + b" SMTPUTF8"
