"""SMTP's small commands: VRFY, EXPN, HELP, RSET, ETRN, XCLIENT, and any other line.

This file must not know how mail is sent.
"""

import re
from collections.abc import Mapping
from typing import Final

from netmail.address import domain_to_ascii
from netmail.errors import CapabilityError, ProtocolError, UsageError
from netmail.flows.flow import Flow
from netmail.flows.smtp.session import SmtpSession
from netmail.results.smtp import AddressVerification, SmtpReply, refusal
from netmail.text import check_text, split_verb
from netmail.wire import smtp, smtp_parameters
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
    "XCLIENT": "xclient()",
}
"""Commands that end the session or are followed by something other than commands, each with what
to use instead."""


# node = [ "@" ] Domain, for the domain alone, or with the domains below it       RFC 1985 section 5
# node =/ "#" queue name, for a queue of any name
_NODE: Final = re.compile(r"@?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*+|#[!-~]+")


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


def etrn(session: SmtpSession, node: str) -> Flow[SmtpReply]:
    """Send ETRN.

    RFC 1985 section 5.
    """
    # etrn = "ETRN" SP node CRLF; 250 to 253 are positive, 458 and 459 are refusals
    mark = node[:1] if check_text(node, "the node")[:1] in {"@", "#"} else ""
    name = node if mark == "#" else mark + domain_to_ascii(node.removeprefix("@"))
    if not _NODE.fullmatch(name) or len(name) > 255:
        raise UsageError(f"the node must be a domain, @domain or #queue: {node!r:.80}")
    if "ETRN" not in session.capabilities:
        raise CapabilityError("the server does not offer ETRN", "ETRN")
    return (yield from session.command(b"ETRN " + name.encode()))


def xclient(session: SmtpSession, attributes: Mapping[str, str | None]) -> Flow[SmtpReply]:
    """Send XCLIENT, and EHLO, since the session begins again.

    Postfix's documentation defines the command; no RFC does.
    """
    # "XCLIENT" 1*( SP attribute-name "=" xtext ), with "[UNAVAILABLE]" for what is not known
    if not attributes or not hasattr(attributes, "items"):
        raise UsageError('the attributes are a mapping such as {"ADDR": "192.0.2.1"}')
    # Postfix offers it only to the addresses of smtpd_authorized_xclient_hosts.
    offered = {name.upper() for name in session.capabilities.get("XCLIENT", ())}
    if not offered:
        raise CapabilityError("the server does not offer XCLIENT to this client", "XCLIENT")
    written = []
    for name, value in attributes.items():
        if check_text(name, "an attribute").upper() not in offered:
            text = f"the server takes no attribute {name!r:.40} of XCLIENT"
            raise CapabilityError(text, "XCLIENT")
        shown = "[UNAVAILABLE]" if value is None else check_text(value, "an attribute's value")
        written.append(name.upper().encode() + b"=" + smtp_parameters.xtext(shown))
    reply = yield from session.command(b"XCLIENT " + b" ".join(written))
    # The server replies with its greeting, and knows nothing of what was sent before.
    if reply.code != 220:
        raise ProtocolError("XCLIENT: no greeting", str(reply).encode(), "220")
    session.is_proxied = True
    yield from session.greet_again()
    return reply


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
    if verb in {"EHLO", "HELO", "LHLO"}:
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
