"""What an envelope demands of a server: whether it can be sent there, and with which parameters.

This file must not know replies, nor the order of commands: it is functions of a message, its
options and what the server offers.

Which missing extension stops a message follows from its RFC: SIZE, 8BITMIME, SMTPUTF8, DSN,
DELIVERBY, FUTURERELEASE, REQUIRETLS and RRVS do, MT-PRIORITY and AUTH are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from netmail.delivery_options import DeliveryOptions, RecipientOptions
from netmail.errors import CapabilityError, NetmailError
from netmail.flows.smtp.queue import MailObject, Recipient
from netmail.flows.smtp.requirements import lacking, without
from netmail.wire import smtp, smtp_parameters
from netmail.wire.smtp_path import mailbox

Offered = Mapping[str, tuple[str, ...]]


class Server(NamedTuple):
    """What is known of a server before a message is sent.

    Attributes:
        offered: Its extensions.
        verified: Whether the session has TLS with a verified certificate.
    """

    offered: Offered
    verified: bool


def obstacle(mail: MailObject, server: Server) -> NetmailError | None:
    """Return why no recipient can be sent the message over this server; `None` if it can be."""
    if (error := lacking(mail, server.offered)) is not None:
        return error
    return None if mail.options is None else _unmet(mail.options, server)


def recipient_obstacles(
    recipients: Iterable[Recipient], offered: Offered
) -> dict[bytes, CapabilityError]:
    """Return the recipients that cannot be sent the message, by path, and why."""
    found = {each.path: _recipient_obstacle(each, offered) for each in recipients}
    return {path: error for path, error in found.items() if error is not None}


def _recipient_obstacle(recipient: Recipient, offered: Offered) -> CapabilityError | None:
    """Return why this recipient cannot be sent the message; the others can."""
    # RFC 6531 section 3.2, as above.
    if not recipient.path.isascii() and "SMTPUTF8" not in offered:
        return without("SMTPUTF8", f"{recipient.address} is not ASCII")
    asked = recipient.options
    if asked is None:
        return None
    # RFC 3461 section 5.2.2: the server would send the reports that it thinks fit.
    if (asked.notify or asked.orcpt is not None) and "DSN" not in offered:
        return without("DSN", f"NOTIFY or ORCPT is asked for {recipient.address}")
    # RFC 7293 section 5.2: the mailbox may be somebody else's now.
    if asked.rrvs is not None and "RRVS" not in offered:
        return without("RRVS", f"{recipient.address} must be valid since {asked.rrvs}")
    return None


def _unmet(asked: DeliveryOptions, server: Server) -> CapabilityError | None:
    """Return which request the server would not obey."""
    offered = server.offered
    # RFC 3461 section 5.2.2: a report would come without them, or not at all.
    if (asked.ret is not None or asked.envid is not None) and "DSN" not in offered:
        return without("DSN", "RET or ENVID is asked for")
    if asked.by_time is not None and (reason := _late(asked.by_time, asked.by_mode, offered)):
        return reason
    if asked.hold_for is not None or asked.hold_until is not None:
        return _early(asked, offered) or _unsafe(asked, server)
    return _unsafe(asked, server)


def _late(seconds: int, mode: str, offered: Offered) -> CapabilityError | None:
    # RFC 2852 section 4.2: with by-mode R a message "MUST NOT be relayed" to a server without the
    # extension. With N the sender must be notified, which netmail cannot do.
    if "DELIVERBY" not in offered:
        return without("DELIVERBY", "a delivery time is asked for")
    least = smtp_parameters.read_seconds(offered["DELIVERBY"])
    # RFC 2852 section 2: a min-by-time is the least that the server accepts with by-mode R.
    if least is not None and mode == "R" and seconds < least:
        text = f"by_time is {seconds} s, and the server needs {least} s (DELIVERBY)"
        return CapabilityError(text, "DELIVERBY")
    return None


def _early(asked: DeliveryOptions, offered: Offered) -> CapabilityError | None:
    # RFC 4865 section 4: without the extension the message would be delivered at once.
    if "FUTURERELEASE" not in offered:
        return without("FUTURERELEASE", "the message is to be held")
    longest = smtp_parameters.read_seconds(offered["FUTURERELEASE"])
    if asked.hold_for is not None and longest is not None and asked.hold_for > longest:
        text = f"hold_for is {asked.hold_for} s, and the server holds {longest} s (FUTURERELEASE)"
        return CapabilityError(text, "FUTURERELEASE")
    latest = smtp_parameters.read_latest(offered["FUTURERELEASE"])
    if asked.hold_until is not None and latest is not None and asked.hold_until > latest:
        text = f"hold_until is after {latest}, the server's latest time (FUTURERELEASE)"
        return CapabilityError(text, "FUTURERELEASE")
    return None


def _unsafe(asked: DeliveryOptions, server: Server) -> CapabilityError | None:
    # RFC 8689 section 4.2.1: the session must use TLS, the certificate must be verified, and the
    # server must offer the extension there. An attacker could offer it in clear.
    if not asked.requiretls:
        return None
    if not server.verified:
        text = "requiretls, but this session has no TLS with a verified certificate"
        return CapabilityError(text, "REQUIRETLS")
    if "REQUIRETLS" not in server.offered:
        return without("REQUIRETLS", "the path must have TLS")
    return None


def envelope_commands(
    mail: MailObject, recipients: Sequence[Recipient], offered: Offered, *, chunked: bool = False
) -> tuple[bytes, list[bytes]]:
    """Write MAIL, and RCPT for each recipient.

    Args:
        mail: The message.
        recipients: Its recipients.
        offered: The server's extensions.
        chunked: Whether the content follows by BDAT.

    RFC 5321 sections 4.1.1.2 and 4.1.1.3.
    """
    # Nearly every message: what it asks for is its size alone.
    if mail.is_plain and not (chunked and mail.binary):
        size = len(mail.content) if "SIZE" in offered else None
        written = smtp.mail_parameters(size=size, eight_bit=mail.eight_bit, utf8=False)
        return smtp.mail(mail.path, written), [smtp.rcpt(path) for _, path, _ in recipients]
    # RFC 5321 section 4.1.1.11: a server refuses a parameter that it does not know with 555;
    # `obstacle()` and `recipient_obstacles()` have looked whether it knows these.
    written = mail_parameters(mail, recipients, offered, chunked=chunked)
    return smtp.mail(mail.path, written), [
        smtp.rcpt(each.path, rcpt_parameters(each.options)) for each in recipients
    ]


def mail_parameters(
    mail: MailObject, recipients: Iterable[Recipient], offered: Offered, *, chunked: bool = False
) -> bytes:
    """Write MAIL's parameters for a message that has no obstacle.

    RFC 5321 section 4.1.2: Mail-parameters = esmtp-param *(SP esmtp-param).
    """
    # RFC 1870 section 6: the size is announced, so that the server can refuse early.
    size = len(mail.content) if "SIZE" in offered else None
    # RFC 6531 section 3.4: the parameter is needed if any address of the envelope is.
    utf8 = mail.utf8 or not all(each.path.isascii() for each in recipients)
    # RFC 3030 section 3: a content with NUL or with long lines is neither 7BIT nor 8BITMIME. A
    # server without the extension gets it as that all the same, since it may be signed; nearly all
    # take it.
    binary = mail.binary and chunked and "BINARYMIME" in offered
    usual = smtp.mail_parameters(size=size, eight_bit=mail.eight_bit, utf8=utf8, binary=binary)
    return usual if mail.options is None else usual + _asked(mail.options, offered)


def _asked(asked: DeliveryOptions, offered: Offered) -> bytes:
    written: list[bytes] = []
    # RFC 3461 sections 4.3 and 4.4: both are about the message, whatever its recipients ask for.
    if asked.ret is not None:
        written.append(smtp_parameters.ret(asked.ret))
    if asked.envid is not None:
        written.append(smtp_parameters.envid(asked.envid))
    if asked.by_time is not None:
        written.append(smtp_parameters.by(asked.by_time, asked.by_mode, trace=asked.by_trace))
    if asked.hold_for is not None:
        written.append(smtp_parameters.hold_for(asked.hold_for))
    if asked.hold_until is not None:
        written.append(smtp_parameters.hold_until(asked.hold_until))
    # RFC 6710 section 4.2: a message for a server without the extension loses its priority.
    if asked.mt_priority is not None and "MT-PRIORITY" in offered:
        written.append(smtp_parameters.mt_priority(asked.mt_priority))
    if asked.requiretls:
        written.append(b" REQUIRETLS")  # RFC 8689 section 2: it has no value
    # RFC 4954 section 5: a server that does not trust the client reads it as "<>".
    if asked.auth is not None and "AUTH" in offered:
        written.append(smtp_parameters.auth(mailbox(asked.auth) if asked.auth else b""))
    return b"".join(written)


def rcpt_parameters(asked: RecipientOptions | None) -> bytes:
    """Write RCPT's parameters for a recipient that has no obstacle.

    RFC 5321 section 4.1.2: Rcpt-parameters = esmtp-param *(SP esmtp-param).
    """
    if asked is None:
        return b""
    # RFC 3461 section 4.1: without NOTIFY the server reports failures, and delays if it likes.
    conditions = smtp_parameters.notify(asked.notify) if asked.notify else b""
    original = b"" if asked.orcpt is None else smtp_parameters.orcpt(asked.orcpt)
    since = b"" if asked.rrvs is None else smtp_parameters.rrvs(asked.rrvs, asked.rrvs_action)
    return conditions + original + since


def within_limits(recipients: tuple[Recipient, ...], offered: Offered) -> tuple[Recipient, ...]:
    """Return the recipients that one transaction may have, in their order.

    RFC 9422 section 4: RCPTMAX "specifies the maximum number of RCPT TO commands", RCPTDOMAINMAX
    that of different domains "in a single transaction".
    """
    # The client SHOULD obey them; a server that refuses the rest with 452 is understood as well.
    named = offered.get("LIMITS", ())
    count = smtp_parameters.limit(named, "RCPTMAX")
    domains = smtp_parameters.limit(named, "RCPTDOMAINMAX")
    if domains is not None:
        found: set[bytes] = set()
        kept = []
        for each in recipients:
            # Of a recipient without domain, <postmaster>, it is the whole path.
            domain = each.path.rpartition(b"@")[2].lower()
            if domain in found or len(found) < domains:
                found.add(domain)
                kept.append(each)
        recipients = tuple(kept)
    return recipients if count is None else recipients[:count]


def split_by_limits(
    recipients: tuple[Recipient, ...], offered: Offered
) -> tuple[tuple[Recipient, ...], tuple[Recipient, ...]]:
    """Return the recipients that one transaction may have, and the others.

    RFC 9422 section 4.
    """
    # Nearly no server names a limit, and a message may have thousands of recipients.
    if "LIMITS" not in offered:
        return recipients, ()
    fitting = within_limits(recipients, offered)
    paths = {each.path for each in fitting}
    return fitting, tuple(each for each in recipients if each.path not in paths)
