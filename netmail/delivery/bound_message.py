"""A message that knows the mailer that delivers it.

This file must not know how it is delivered.
"""

from typing import TYPE_CHECKING, Any, Self, Unpack

from netmail import AddressInput, Message, MessageKeywords

if TYPE_CHECKING:
    from netmail.delivery.mailer import Mailer
    from netmail.delivery.templates import Template


class BoundMessage(Message):
    """A `Message` that `Mailer.new()` has made, with `send()` and `template()`.

    Args:
        mailer: Delivers it.
        author: As for `Message`.
        to: As for `Message`.
        subject: As for `Message`.
        retries: How often the mailer may try again what was refused for now, or not sent.
        **fields: As for `Message`.
    """

    __slots__ = ("_mailer",)

    def __init__(
        self,
        mailer: "Mailer",
        author: AddressInput | None = None,
        to: AddressInput | None = None,
        subject: str | None = None,
        retries: int = 3,
        **fields: Unpack[MessageKeywords],
    ) -> None:
        super().__init__(author, to, subject, retries, **fields)
        self._mailer = mailer

    def send(self) -> Any:
        """Deliver it: the same as `mailer.send(message)`."""
        return self._mailer.send(self)

    def template(self, template: "Template", /, **context: object) -> Self:
        """Set subject, text and HTML from a template, as far as it has them.

        Args:
            template: The template.
            **context: The values of its names.

        Raises:
            MessageError: If a name has no value, a URL is relative, or the subject has a line end.
        """
        return template.fill(self, context)
