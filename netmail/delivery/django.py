"""Django's mail backend: `send_mail()` and `EmailMessage` through a mailer.

This file must not know any manager or transport.

    MAILERS = {"default": {"BACKEND": "netmail.delivery.django.EmailBackend"}}  # Django 6.1
    EMAIL_BACKEND = "netmail.delivery.django.EmailBackend"  # before
    NETMAIL = {"manager.use": "futures", "transport.use": "smtp", "transport.host": "localhost"}
"""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from netmail import Envelope, Message, NetmailError
from netmail.delivery.errors import DeliveryFailed
from netmail.delivery.mailer import Mailer

_RENAMED: Final = {"ssl_certfile": "certfile", "ssl_keyfile": "keyfile"}
_SETTINGS: Final = (
    ("host", "EMAIL_HOST"),
    ("port", "EMAIL_PORT"),
    ("username", "EMAIL_HOST_USER"),
    ("password", "EMAIL_HOST_PASSWORD"),
    ("use_tls", "EMAIL_USE_TLS"),
    ("use_ssl", "EMAIL_USE_SSL"),
    ("timeout", "EMAIL_TIMEOUT"),
    ("certfile", "EMAIL_SSL_CERTFILE"),
    ("keyfile", "EMAIL_SSL_KEYFILE"),
)


class EmailBackend(BaseEmailBackend):  # type: ignore[misc]  # Django has no types
    """Sends Django's messages as the setting `NETMAIL` says, or as Django's own settings do.

    Args:
        fail_silently: Raise nothing; what was not sent is not counted.
        alias: The name of the mailer in `MAILERS`.
        **options: Directives of the transport, such as `host`, also by Django's names: `use_tls`,
            `use_ssl`, `ssl_certfile`, `ssl_keyfile`. From Django 6.1 on these are its `OPTIONS`.

    Raises:
        UsageError: If the configuration is wrong.
    """

    def __init__(
        self, fail_silently: bool = False, *, alias: str | None = None, **options: Any
    ) -> None:
        # Django 6.1 warns about every argument of its base class but the alias.
        super().__init__()
        self.fail_silently = fail_silently
        self.alias = alias
        options.pop("_ignore_unknown_kwargs", None)
        config = dict(getattr(settings, "NETMAIL", None) or {})
        if not config:
            # Django tries once. With a mailer of its own, EMAIL_* cannot even be read.
            own = {} if alias else {name: getattr(settings, key) for name, key in _SETTINGS}
            config = {"manager.retry.attempts": 0, "transport.use": "smtp"}
            options = own | {name: value for name, value in options.items() if value is not None}
        given = _directives(options).items()
        self._mailer = Mailer(config | {f"transport.{name}": value for name, value in given})

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


def _directives(options: dict[str, Any]) -> dict[str, object]:
    """Return Django's options as directives; what is empty there is not given."""
    given = {_RENAMED.get(name, name): value for name, value in options.items()}
    use_ssl, use_tls = given.pop("use_ssl", None), given.pop("use_tls", None)
    if use_ssl is not None or use_tls is not None:
        given["tls"] = "ssl" if use_ssl else "required" if use_tls else "none"
    return {name: value for name, value in given.items() if value not in {None, ""}}
