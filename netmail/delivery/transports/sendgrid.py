"""The transport to SendGrid, by the third version of its API.

This file must not know how a request is sent, nor any manager.
"""

import base64
import json
from dataclasses import dataclass, field
from typing import Final

from netmail import (
    Address,
    Attachment,
    Envelope,
    MessageResult,
    Sendable,
    UsageError,
    envelope_of,
)
from netmail.delivery.directives import read_directives
from netmail.delivery.errors import MessageFailed, TransportFailed
from netmail.delivery.results import (
    accepted_result,
    check_plain_delivery,
    refused_result,
    uncertain_result,
)
from netmail.delivery.transports.http import HttpClient, HttpFailed, HttpResponse, check_endpoint
from netmail.delivery.transports.translation import Translation, translation

MAX_RECIPIENTS: Final = 1000
MAX_OCTETS: Final = 30 * 1024 * 1024
_PATH: Final = "/v3/mail/send"
# Fields that SendGrid writes, beside those that have a place of their own in a request.
_RESERVED: Final = frozenset({"x-sg-id", "x-sg-eid", "received"})


@dataclass(frozen=True)
class SendgridDirectives:
    """The directives of `sendgrid`.

    Attributes:
        key: An API key that may send mail.
        user: Marrow Mailer's; given, it is an error.
        endpoint: Another address, such as "https://api.eu.sendgrid.com" for accounts in the EU.
        timeout: Seconds for a request.
    """

    key: str = field(repr=False)
    user: object = None
    endpoint: str = "https://api.sendgrid.com"
    timeout: float = 60.0

    def __post_init__(self) -> None:
        if self.user is not None:
            raise UsageError(
                "transport sendgrid: logins by user and password have ended at SendGrid; make an "
                "API key there, give it as key, and leave user out"
            )
        check_endpoint(self.endpoint, "transport sendgrid")
        # It becomes a field of the request: a line end would begin another one.
        if not self.key.isascii() or not self.key.isprintable():
            raise UsageError("transport sendgrid: key has characters that no API key has")


class SendgridTransport:
    """Sends each message in SendGrid's own form, from which SendGrid writes another one.

    Texts, files, addresses and other fields pass; signatures and what is encrypted cannot.
    """

    def __init__(self, config: dict[str, object]) -> None:
        self._directives = read_directives(SendgridDirectives, config, "transport sendgrid")
        self._client: HttpClient | None = None

    def startup(self) -> None:
        """Prepare; nothing is sent before the first message."""
        self._client = HttpClient(self._directives.timeout)

    def deliver(self, message: Sendable) -> MessageResult:
        """Send one message.

        Raises:
            MessageFailed: If it cannot be sent in this form, or is too large.
            TransportFailed: If nothing was sent, or the account may not send.
        """
        if self._client is None:
            raise UsageError("startup() comes before deliver()")
        envelope = envelope_of(message)
        check_plain_delivery(envelope, "sendgrid")
        body = json.dumps(_request(translation(envelope, "sendgrid"))).encode("ascii")
        if len(body) > MAX_OCTETS:
            raise MessageFailed(f"sendgrid: the request has {len(body)} octets of {MAX_OCTETS}")
        headers = {
            "Authorization": f"Bearer {self._directives.key}",
            "Content-Type": "application/json",
        }
        url = self._directives.endpoint.rstrip("/") + _PATH
        try:
            response = self._client.post(url, headers, body)
        except HttpFailed as failure:
            if not failure.sent:
                raise TransportFailed(str(failure), transient=failure.transient) from failure
            return uncertain_result(envelope, str(failure))
        return _judged(envelope, response)

    def shutdown(self) -> None:
        """Free what `startup()` has made."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _request(message: Translation) -> dict[str, object]:
    """Return a message as SendGrid's API has it.

    Raises:
        MessageFailed: If it has no subject, no text, or too many recipients.
    """
    if not message.subject or not message.texts:
        missing = "text" if message.subject else "subject"
        raise MessageFailed(f"sendgrid takes no message without a {missing}")
    count = len(message.to) + len(message.cc) + len(message.bcc)
    if count > MAX_RECIPIENTS:
        raise MessageFailed(f"sendgrid: the message has {count} recipients of {MAX_RECIPIENTS}")
    request: dict[str, object] = {
        "personalizations": _personalizations(message),
        "from": _address(message.author),
        "subject": message.subject,
        "content": [{"type": kind, "value": text} for kind, text in message.texts.items()],
    }
    # "reply_to" has one address only, this one any number.
    if message.reply_to:
        request["reply_to_list"] = [_address(each) for each in message.reply_to]
    if message.attachments:
        request["attachments"] = [_file(each) for each in message.attachments]
    headers = {
        name: each for name, each in message.headers.items() if name.lower() not in _RESERVED
    }
    if headers:
        request["headers"] = headers
    return request


def _personalizations(message: Translation) -> list[dict[str, object]]:
    """Return the recipients: together those that see each other, or each alone."""
    # Each needs a "to", which all its recipients see. An address may occur in it once, which the
    # groups of a translation are made for: SendGrid refuses the whole request else.
    if not message.to and not message.cc:
        return [{"to": [_address(each)]} for each in message.bcc]
    groups = {"to": message.to, "cc": message.cc, "bcc": message.bcc}
    if not message.to:
        groups = {"to": message.cc, "bcc": message.bcc}
    return [{name: [_address(each) for each in group] for name, group in groups.items() if group}]


def _address(address: Address) -> dict[str, str]:
    found = {"email": address.address}
    return {**found, "name": address.name} if address.name else found


def _file(attachment: Attachment) -> dict[str, str]:
    # Content-ID is written here without the angle brackets of RFC 2392.
    found = {
        "content": base64.b64encode(attachment.content).decode("ascii"),
        "type": attachment.content_type,
        "filename": attachment.filename or "attachment",
        "disposition": "inline" if attachment.is_inline else "attachment",
    }
    if attachment.content_id:
        found["content_id"] = attachment.content_id
    return found


def _judged(envelope: Envelope, response: HttpResponse) -> MessageResult:
    """Return what a response means.

    Raises:
        TransportFailed: If it says nothing of the message.
    """
    # 202 is "queued to be delivered"; 200 comes from its sandbox, where nothing is.
    if response.status in {200, 202}:
        return accepted_result(envelope, response.headers.get("x-message-id", ""))
    reason = f"sendgrid: {response.status} {_errors(response.body)}".rstrip()
    # What the gateway has waited for may have taken it.
    if response.status == 504:
        return uncertain_result(envelope, reason)
    if response.status in {400, 413}:
        return refused_result(envelope, reason)
    passing = response.status == 429 or response.status >= 500
    raise TransportFailed(reason, transient=passing, retry_after=response.retry_after)


def _errors(body: bytes) -> str:
    """Return the sentences of a refusal, with the fields that they are about."""
    try:
        errors = json.loads(body)["errors"]
        pairs = [(each.get("field"), each["message"]) for each in errors]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""
    return "; ".join(f"{name}: {text}" if name else str(text) for name, text in pairs)
