"""The three embedded servers together: one store, three ports, one kind of TLS.

This file is where the extra `netmail[testing]` is imported; `server.py` imports it when a server
is made. It knows no thread.
"""

import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext

from netmail.testing.imap_server import start_imap
from netmail.testing.pop3_server import start_pop3
from netmail.testing.settings import Settings, Tls
from netmail.testing.smtp_server import SmtpSettings, start_smtp
from netmail.testing.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """What runs.

    Attributes:
        store: The mailboxes that all three show.
        ports: Where each protocol listens: "smtp", "imap", "pop3".
        ca_file: The authority to trust, or `None` without TLS.
    """

    store: Store
    ports: Mapping[str, int]
    ca_file: Path | None


async def start_services(stack: AsyncExitStack, settings: Settings) -> Services:
    """Start SMTP, IMAP and POP3.

    Args:
        stack: Where all of it is stopped, and the certificates deleted.
        settings: Users, address and TLS.

    Raises:
        OSError: If the address cannot be listened on.
    """
    context, ca_file = _certificates(stack, settings)
    implicit = context if settings.tls is Tls.IMPLICIT else None
    starttls = context if settings.tls is Tls.STARTTLS else None
    store = Store(settings.users, starttls)
    smtp = SmtpSettings(settings.host, implicit, starttls, settings.require_auth)
    ports = {
        "smtp": await start_smtp(stack, store, smtp),
        "imap": await start_imap(stack, store, settings.host, implicit),
        "pop3": await start_pop3(stack, store, settings.host, implicit=implicit, starttls=starttls),
    }
    return Services(store, ports, ca_file)


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
