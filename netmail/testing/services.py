"""The four embedded servers together: one store, four ports, one kind of TLS.

This file is where the extra `netmail[testing]` is imported; `server.py` imports it when a server
is made. It knows no thread.
"""

import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from ssl import SSLContext

from netmail.testing.failures import Failures
from netmail.testing.imap.server import start_imap
from netmail.testing.pop3_server import start_pop3
from netmail.testing.sent import SentMail
from netmail.testing.settings import Settings, Tls
from netmail.testing.smtp_hooks import DeliveryHooks
from netmail.testing.smtp_server import SmtpSettings, start_smtp
from netmail.testing.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """What runs.

    Attributes:
        store: The mailboxes that all of them show.
        ports: Where each protocol listens: "smtp", "lmtp", "imap", "pop3".
        ca_file: The authority to trust, or `None` without TLS.
        failures: The rules that make the servers fail.
        sent: What SMTP and LMTP have accepted, oldest first.
    """

    store: Store
    ports: Mapping[str, int]
    ca_file: Path | None
    failures: Failures
    sent: list[SentMail]


async def start_services(stack: AsyncExitStack, settings: Settings) -> Services:
    """Start SMTP, LMTP, IMAP and POP3.

    Args:
        stack: Where all of it is stopped, and the certificates deleted.
        settings: Users, address and TLS.

    Raises:
        OSError: If the address cannot be listened on.
    """
    context, ca_file = _certificates(stack, settings)
    implicit = context if settings.tls is Tls.IMPLICIT else None
    starttls = context if settings.tls is Tls.STARTTLS else None
    store = Store(settings.users, settings.tokens, starttls)
    failures, sent = Failures(), list[SentMail]()
    hooks = partial(DeliveryHooks, store, failures, sent, accept_any=settings.accept_any)
    listening = SmtpSettings(settings.host, implicit, starttls)
    # LMTP's clients are mail servers, which seldom log in.
    lmtp = hooks(protocol="lmtp")
    smtp = hooks(require_auth=settings.require_auth)
    ports = {
        "smtp": await start_smtp(stack, smtp, listening),
        "lmtp": await start_smtp(stack, lmtp, listening),
        "imap": await start_imap(stack, store, failures, settings.host, implicit),
        "pop3": await start_pop3(
            stack, store, failures, settings.host, implicit=implicit, starttls=starttls
        ),
    }
    return Services(store, ports, ca_file, failures, sent)


def _certificates(
    stack: AsyncExitStack, settings: Settings
) -> tuple[SSLContext | None, Path | None]:
    if settings.tls is Tls.NONE:
        return None, None
    # Imported here, so that servers without TLS do without trustme and cryptography.
    from netmail.testing.certificates import server_context  # noqa: PLC0415

    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="netmail-testing-"))
    hosts = dict.fromkeys(("localhost", "127.0.0.1", settings.host))
    ca_file = Path(folder, "ca.pem")
    return server_context(ca_file, hosts), ca_file
