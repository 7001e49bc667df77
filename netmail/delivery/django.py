"""Django's mail backend: `send_mail()` and `EmailMessage` through a mailer.

This file must not know any manager or transport.

    EMAIL_BACKEND = "netmail.delivery.django.EmailBackend"
    NETMAIL = {"manager.use": "futures", "transport.use": "smtp", "transport.host": "localhost"}
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from netmail import Envelope, Message, NetmailError
from netmail.delivery.errors import DeliveryFailed
from netmail.delivery.mailer import Mailer


class EmailBackend(BaseEmailBackend):  # type: ignore[misc]  # Django has no types
    """Sends Django's messages as the setting `NETMAIL` says, or Django's own `EMAIL_*`.

    Args:
        fail_silently: Raise nothing; what was not sent is not counted.
        **options: Directives of the transport, such as `host`; Django's `auth_user` and
            `auth_password` come as `username` and `password`.

    Raises:
        UsageError: If the configuration is wrong.
    """

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        # Django passes None for what its caller has not given.
        given = {name: value for name, value in options.items() if value is not None}
        config = dict(getattr(settings, "NETMAIL", None) or _django_configuration())
        self._mailer = Mailer({**config, **{f"transport.{key}": given[key] for key in given}})

    def open(self) -> bool:
        """Keep the connection until `close()`; the first message makes it.

        Returns:
            Whether it was not open already.
        """
        # SMTP connects with the first message: a server that is down is that message's error.
        was_open = self._mailer.running
        self._mailer.start()
        return not was_open

    def close(self) -> None:
        """End what `open()` began."""
        self._mailer.stop()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send messages, and return how many were accepted for a recipient.

        Raises:
            DeliveryFailed: If one was accepted for none, after the others were sent.
            NetmailError: If one cannot be sent at all; likewise.
        """
        sent, errors = 0, []
        opened = self.open()
        try:
            # Django's own backend skips a message without recipients, and does not count it.
            ready = [each for each in email_messages if each.recipients()]
            for each, outcome in [(each, self._handed(each)) for each in ready]:
                try:
                    if isinstance(outcome, NetmailError):
                        raise outcome
                    result = outcome.result()
                    if not result.accepted:
                        raise DeliveryFailed(each, str(result))
                    sent += 1
                except NetmailError as error:
                    errors.append(error)
        finally:
            if opened:
                self.close()
        # One defective message must not stop those after it: the first error is raised at the end.
        if errors and not self.fail_silently:
            raise errors[0]
        return sent

    def _handed(self, email: EmailMessage) -> Any:
        """Hand one message to the manager; return its future, or why that was not possible."""
        try:
            # Django's message() leaves Bcc out; the envelope has all recipients.
            bare = Message(email.from_email, email.recipients()).envelope
            content = email.message().as_bytes()
            return self._mailer.send(Envelope(bare.sender, bare.recipients, content))
        except NetmailError as error:
            return error


def _django_configuration() -> dict[str, object]:
    """Return what Django's own settings say; Django tries once."""
    tls = "ssl" if settings.EMAIL_USE_SSL else "required" if settings.EMAIL_USE_TLS else "none"
    transport = {
        "use": "smtp",
        "host": settings.EMAIL_HOST,
        "port": settings.EMAIL_PORT,
        "username": settings.EMAIL_HOST_USER or None,
        "password": settings.EMAIL_HOST_PASSWORD or None,
        "timeout": settings.EMAIL_TIMEOUT,
        "certfile": settings.EMAIL_SSL_CERTFILE,
        "keyfile": settings.EMAIL_SSL_KEYFILE,
        "tls": tls,
    }
    return {"manager.retry.attempts": 0, "transport": transport}
