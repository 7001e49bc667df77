"""The transport to Google App Engine's Mail API.

This file must not know any manager.
"""

from importlib import import_module
from typing import Any, Final

from netmail import MessageResult, Sendable, UsageError, envelope_of
from netmail.delivery.directives import check_names
from netmail.delivery.errors import MessageFailed, TransportFailed
from netmail.delivery.results import accepted_result, check_plain_delivery, uncertain_result
from netmail.delivery.transports.translation import Translation, translation

# The Mail API writes them, and refuses others' own.
_WRITTEN: Final = frozenset({"message-id", "received"})
_TEXTS: Final = {"text/plain": "body", "text/html": "html", "text/x-amp-html": "amp_html"}


class AppengineTransport:
    """Sends each message with `google.appengine.api.mail`; there are no directives.

    The API writes the message itself, and takes few fields and not every file.
    """

    def __init__(self, config: dict[str, object]) -> None:
        given = [name for name in config if name != "use"]
        if given:
            check_names(given, [], "transport appengine")
        self._mail = _module("api.mail")
        self._errors = _module("api.mail_errors")
        self._proxy = _module("runtime.apiproxy_errors")

    def startup(self) -> None:
        """Need nothing."""

    def deliver(self, message: Sendable) -> MessageResult:
        """Send one message.

        Raises:
            MessageFailed: If the API takes no such message.
            TransportFailed: If there is no such service here, or it refuses the program.
        """
        envelope = envelope_of(message)
        check_plain_delivery(envelope, "appengine")
        pieces = translation(envelope, "appengine")
        try:
            ready = self._mail.EmailMessage(**self._fields(pieces))
            ready.check_initialized()
            ready.send()
        except self._errors.InvalidSenderError as error:
            raise TransportFailed(_reason(error), transient=False) from error
        except self._errors.Error as error:
            raise MessageFailed(_reason(error)) from error
        except AssertionError as error:  # the package's, where there is no such service
            raise TransportFailed(_reason(error), transient=False) from error
        except (self._proxy.OverQuotaError, self._proxy.CapabilityDisabledError) as error:
            raise TransportFailed(_reason(error)) from error
        except self._proxy.Error as error:
            # A deadline that has passed, or a lost connection to the service.
            return uncertain_result(envelope, _reason(error))
        return accepted_result(envelope, "accepted by App Engine")

    def _fields(self, pieces: Translation) -> dict[str, Any]:
        """Return the arguments of the package's message.

        Raises:
            MessageFailed: If it has no place for a text.
        """
        fields: dict[str, Any] = {"sender": str(pieces.author), "subject": pieces.subject}
        for name in ("to", "cc", "bcc"):
            if group := getattr(pieces, name):
                fields[name] = [str(each) for each in group]
        if pieces.reply_to:
            fields["reply_to"] = ", ".join(map(str, pieces.reply_to))
        for kind, text in pieces.texts.items():
            if kind not in _TEXTS:
                raise MessageFailed(f"appengine has no place for a text of the type {kind}")
            fields[_TEXTS[kind]] = text
        if pieces.attachments:
            fields["attachments"] = [
                self._mail.Attachment(
                    each.filename or "attachment", each.content, content_id=each.content_id
                )
                for each in pieces.attachments
            ]
        headers = {
            name: text for name, text in pieces.headers.items() if name.lower() not in _WRITTEN
        }
        if headers:
            fields["headers"] = headers
        return fields

    def shutdown(self) -> None:
        """Need nothing."""


def _module(name: str) -> Any:
    try:
        return import_module(f"google.appengine.{name}")
    except ImportError as error:
        raise UsageError(
            "transport appengine needs Google's package: pip install appengine-python-standard"
        ) from error


def _reason(error: BaseException) -> str:
    return f"appengine: {str(error) or type(error).__name__}"
