"""One HTTP request at a time, by libcurl, for the providers that take messages by HTTP.

This file must not know any provider, nor what is in a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import certifi
import pycurl

from netmail import NetmailError, UsageError

# A provider's response is some hundred octets; what is larger is no provider's.
_RESPONSE_OCTETS: Final = 64 * 1024
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
# Somebody has to change something before another try: an address, a certificate, an option.
_LASTING: Final = frozenset(
    {
        *(pycurl.E_URL_MALFORMAT, pycurl.E_UNSUPPORTED_PROTOCOL, pycurl.E_PEER_FAILED_VERIFICATION),
        *(pycurl.E_SSL_CERTPROBLEM, pycurl.E_SSL_CACERT_BADFILE, pycurl.E_SSL_ISSUER_ERROR),
    }
)


@dataclass(frozen=True)
class HttpResponse:
    """What the provider has replied.

    Attributes:
        status: The status code.
        headers: The fields by their names in lower case; of several of one name the last.
        body: The content.
        retry_after: Seconds after which the provider wants the next request; `None` where it does
            not say.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    retry_after: float | None = None


@dataclass(frozen=True)
class AwsKey:
    """What signs a request of Amazon's.

    Attributes:
        id: The key's name.
        secret: The key.
        scope: The region and the service.
    """

    id: str
    secret: str = field(repr=False)
    scope: str


class HttpFailed(NetmailError):
    """There is no response.

    Attributes:
        sent: Whether the whole request was sent, so that it may have had its effect.
        transient: Whether a later try may succeed.
    """

    def __init__(self, message: str, *, sent: bool, transient: bool) -> None:
        super().__init__(message)
        self.sent = sent
        self.transient = transient


class HttpClient:
    """Sends requests to one server; certificates are verified with certifi's authorities.

    Args:
        timeout: Seconds for a request.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._curl = pycurl.Curl()

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, key: AwsKey | None = None
    ) -> HttpResponse:
        """Send one request, over a connection of its own.

        Args:
            url: Where to.
            headers: The fields.
            body: The content.
            key: Signs the request with AWS's Signature Version 4.

        Raises:
            HttpFailed: If there is no response, or one of another size than a provider's.
        """
        lines: list[bytes] = []
        received = bytearray()

        def receive(data: bytes) -> int:
            received.extend(data)
            # Another number than it was given ends the transfer.
            return len(data) if len(received) <= _RESPONSE_OCTETS else 0

        # The handle is one thread's at a time, as its transport is.
        curl = self._curl
        curl.reset()  # the caches of names and of TLS sessions stay
        for option, value in self._options(url, headers, body, key).items():
            curl.setopt(option, value)
        curl.setopt(pycurl.HEADERFUNCTION, lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, receive)
        try:
            curl.perform()
        except pycurl.error as error:
            raise self._failure(error, len(body)) from error
        return HttpResponse(
            curl.getinfo(pycurl.RESPONSE_CODE),
            _fields(lines),
            bytes(received),
            # RFC 9110 section 10.2.3: seconds or a date; libcurl reads both, 6 hours at most.
            curl.getinfo(pycurl.RETRY_AFTER) or None,
        )

    def _options(
        self, url: str, headers: Mapping[str, str], body: bytes, key: AwsKey | None
    ) -> dict[int, Any]:
        # 100-continue would cost a round trip, and servers of tests do not know it.
        fields = [f"{name}: {value}" for name, value in headers.items()] + ["Expect:"]
        options: dict[int, Any] = {
            pycurl.URL: url,
            pycurl.POSTFIELDS: body,
            pycurl.USERAGENT: "netmail",
            pycurl.HTTPHEADER: fields,
            # Verifying is libcurl's default; the authorities of a wheel's libcurl are those of the
            # machine that built it. Redirects are not followed: a key must not go elsewhere.
            pycurl.CAINFO: certifi.where(),
            # Timeouts by signals would end threads other than the first.
            pycurl.NOSIGNAL: 1,
            pycurl.TIMEOUT_MS: int(self._timeout * 1000),
            # Where an old connection turns out to be closed, libcurl sends the request again by
            # itself, though the server may have obeyed it.
            pycurl.FORBID_REUSE: 1,
            pycurl.FRESH_CONNECT: 1,
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
        }
        # The environment's proxies serve https as everywhere; one cannot reach this loopback.
        if urlsplit(url).scheme == "http":
            options[pycurl.PROXY] = ""  # it is loopback
        if key is not None:
            options[pycurl.AWS_SIGV4] = f"aws:amz:{key.scope}"
            options[pycurl.USERNAME] = key.id
            options[pycurl.PASSWORD] = key.secret
        return options

    def _failure(self, error: "pycurl.error", size: int) -> HttpFailed:
        code, text = error.args[0], str(error.args[1])
        if code == pycurl.E_WRITE_ERROR:
            text = f"the response is larger than {_RESPONSE_OCTETS} octets"
        # A server does nothing before it has the announced length.
        sent = self._curl.getinfo(pycurl.SIZE_UPLOAD_T) >= size
        return HttpFailed(text, sent=sent, transient=code not in _LASTING)

    def close(self) -> None:
        """Free it."""
        self._curl.close()


def check_endpoint(url: str, where: str) -> str:
    """Return the address of a provider, without a slash at its end.

    Raises:
        UsageError: If it is none, or would show a key to the network.
    """
    parts = urlsplit(url)
    # A key, and the mail, would be readable on the network in clear.
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not secure or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise UsageError(f"{where}: endpoint is {url!r}, not the https address of a server")
    return url.rstrip("/")


# Of the responses before the last one, such as "100 Continue", the fields are kept too: no provider
# has any there.
def _fields(lines: list[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found
