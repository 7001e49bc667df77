"""The transport to Amazon's Simple E-mail Service, by the raw form of its second version.

This file must not know how a request is signed and sent, nor any manager.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from netmail import (
    Envelope,
    MessageError,
    MessageResult,
    NetmailError,
    RecipientResult,
    Sendable,
    SendStage,
    SendStatus,
    UsageError,
    envelope_of,
)
from netmail.delivery.directives import read_directives
from netmail.delivery.errors import MessageFailed, TransportFailed
from netmail.delivery.results import check_plain_delivery, made_result
from netmail.delivery.transports.http import (
    AwsKey,
    HttpClient,
    HttpFailed,
    HttpResponse,
    check_endpoint,
)

MAX_OCTETS: Final = 40 * 1024 * 1024
"""Of the message in base64."""
MAX_RECIPIENTS: Final = 50
"""Of one request."""
_PATH: Final = "/v2/email/outbound-emails"
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d{1,2}")

# The error types that judge the message; all others of 4xx judge the account or the request.
_OF_THE_MESSAGE: Final = frozenset({"MessageRejected", "BadRequestException"})
# Those that pass without anybody's help.
_PASSING: Final = frozenset({"TooManyRequestsException", "LimitExceededException"})


@dataclass(frozen=True)
class SesDirectives:
    """The directives of `ses`.

    Attributes:
        id: The identifier of the access key.
        key: The secret access key.
        region: The region, in which the sender is verified.
        token: The session token of temporary credentials; `None` for lasting ones.
        endpoint: Another address than the region's, such as that of a VPC.
        timeout: Seconds for a request.
    """

    id: str
    key: str = field(repr=False)
    region: str = "us-east-1"
    token: str | None = field(default=None, repr=False)
    endpoint: str | None = None
    timeout: float = 60.0

    def __post_init__(self) -> None:
        if not _REGION.fullmatch(self.region):
            raise UsageError(f"transport ses: region is {self.region!r}, not such as 'eu-west-1'")
        # They become fields of the request: a line end would begin another one.
        for name in ("id", "key", "token"):
            text = getattr(self, name) or ""
            if not text.isascii() or not text.isprintable():
                raise UsageError(f"transport ses: {name} has characters that no credential has")
        if self.endpoint is not None:
            check_endpoint(self.endpoint, "transport ses")

    @property
    def url(self) -> str:
        """Where requests go."""
        china = ".cn" if self.region.startswith("cn-") else ""
        own = f"https://email.{self.region}.amazonaws.com{china}"
        return (self.endpoint or own).rstrip("/") + _PATH


class SesTransport:
    """Sends each message as it is: headers, signatures and all.

    One request has 50 recipients at most, so a message for more is sent in several.
    """

    def __init__(self, config: dict[str, object]) -> None:
        self._directives = read_directives(SesDirectives, config, "transport ses")
        self._client: HttpClient | None = None

    def startup(self) -> None:
        """Prepare; nothing is sent before the first message."""
        self._client = HttpClient(self._directives.timeout)

    def deliver(self, message: Sendable) -> MessageResult:
        """Send one message.

        Raises:
            MessageFailed: If it is too large, has no sender, or cannot be written.
            TransportFailed: If nothing was sent, or the account may not send.
        """
        envelope = envelope_of(message)
        check_plain_delivery(envelope, "ses")
        # SES makes the reverse-path itself, and needs a verified sender.
        if not envelope.sender:
            raise MessageFailed("ses: a message without a sender cannot be sent")
        data = _encoded(envelope)
        results: list[RecipientResult] = []
        failed: NetmailError | None = None
        # Each request is accepted or not by itself: its recipients have results of their own.
        for some in _portions(envelope.recipients):
            if failed is None:
                try:
                    results += self._send(envelope.sender, some, data)
                    continue
                except TransportFailed as error:
                    if not results:
                        raise  # nothing was delivered: another transport may take all of it
                    failed = error
            results += _each(some, SendStatus.NOT_SENT, str(failed), SendStage.CONNECT)
        return made_result(envelope, tuple(results), failed)

    def _send(self, sender: str, recipients: tuple[str, ...], data: str) -> list[RecipientResult]:
        """Send to some of the recipients."""
        if self._client is None:
            raise UsageError("startup() comes before deliver()")
        request = {
            "FromEmailAddress": sender,
            # They are the envelope's; the header in the content is not changed.
            "Destination": {"ToAddresses": list(recipients)},
            "Content": {"Raw": {"Data": data}},
        }
        directives = self._directives
        headers = {"Content-Type": "application/json"}
        if directives.token is not None:
            headers["X-Amz-Security-Token"] = directives.token
        # The host alone would make libcurl sign for a service "email", which there is none of.
        key = AwsKey(directives.id, directives.key, f"{directives.region}:ses")
        try:
            response = self._client.post(
                directives.url, headers, json.dumps(request).encode("ascii"), key
            )
        except HttpFailed as failure:
            if not failure.sent:
                raise TransportFailed(str(failure), transient=failure.transient) from failure
            return _each(recipients, SendStatus.UNCERTAIN, str(failure), SendStage.REPLY)
        return _judged(recipients, response)

    def shutdown(self) -> None:
        """Free what `startup()` has made."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


# JSON cannot carry a message in pieces, so that all of it is in memory here.
def _encoded(envelope: Envelope) -> str:
    try:
        data = base64.b64encode(bytes(envelope.content or b"")).decode("ascii")
    except MessageError as error:
        raise MessageFailed(str(error)) from error
    if len(data) > MAX_OCTETS:
        raise MessageFailed(f"ses: the message has {len(data)} octets in base64 of {MAX_OCTETS}")
    return data


# A message for 51 recipients is refused as a whole, so that no request may have as many.
def _portions(recipients: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for first in range(0, len(recipients), MAX_RECIPIENTS):
        yield recipients[first : first + MAX_RECIPIENTS]


def _judged(recipients: tuple[str, ...], response: HttpResponse) -> list[RecipientResult]:
    """Return what a response means for the recipients of its request.

    Raises:
        TransportFailed: If it says nothing of the message.
    """
    # A response without JSON comes from something between: its status has to be enough.
    body = _object(response.body)
    if response.status == 200:
        text = str(body.get("MessageId", ""))
        return _each(recipients, SendStatus.ACCEPTED, text, SendStage.DONE)
    # "MessageRejected:http://..." in the field, "com.amazon...#MessageRejected" in the body.
    kind = response.headers.get("x-amzn-errortype") or str(body.get("__type", ""))
    kind = kind.partition(":")[0].rpartition("#")[2]
    said = str(body.get("message") or body.get("Message") or "")
    reason = " ".join(filter(None, (f"ses: {response.status}", kind, said)))
    # What the gateway has waited for may have taken it.
    if response.status == 504:
        return _each(recipients, SendStatus.UNCERTAIN, reason, SendStage.REPLY)
    if kind in _OF_THE_MESSAGE:
        return _each(recipients, SendStatus.REFUSED, reason, SendStage.REPLY)
    passing = kind in _PASSING or response.status == 429 or response.status >= 500
    raise TransportFailed(reason, transient=passing, retry_after=response.retry_after)


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _each(
    recipients: tuple[str, ...], status: SendStatus, text: str, stage: SendStage
) -> list[RecipientResult]:
    return [RecipientResult(address, status, text=text, stage=stage) for address in recipients]
