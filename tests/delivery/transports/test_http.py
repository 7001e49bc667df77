"""One HTTP request: what is verified, bounded, and known of it where there is no response."""

import pytest

from delivery.transports.http_provider import HttpProvider
from netmail import UsageError
from netmail.delivery.transports.http import AwsKey, HttpClient, HttpFailed, check_endpoint
from servers.steps import Close, Expect, ExpectData, Send, Silence, StartTls
from support.timing import takes

HEADERS = {"Content-Type": "application/json"}
REQUEST = (
    Expect(rb"POST / HTTP/1.1"),
    *(Expect(rb"(?:Host|User-Agent|Accept|Content-\w+): .*"),) * 5,
    Expect(rb""),
    ExpectData(b"{}"),
)


@pytest.fixture
def client():
    """A client with time enough."""
    made = HttpClient(30)
    yield made
    made.close()


def url(server, scheme="http"):
    """Return the address of a scripted server."""
    return f"{scheme}://127.0.0.1:{server.port}/"


def test_request_and_response(client):
    """Fields and content arrive, and come back."""
    response = (202, {"X-Message-Id": "7", "X-Twice": "1"}, b"done")
    with HttpProvider(response) as provider:
        for body in (b"{}", b"x" * 3_000_000):
            got = client.post(f"{provider.url}/path", {"X-One": "1", **HEADERS}, body)
            assert (got.status, got.headers["x-message-id"], got.body) == (202, "7", b"done")

    assert [each.path for each in provider.requests] == ["/path"] * 2
    assert [len(each.body) for each in provider.requests] == [2, 3_000_000]
    assert provider.requests[0].headers["x-one"] == "1"
    assert "expect" not in provider.requests[1].headers
    assert "authorization" not in provider.requests[0].headers


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7), ("Fri, 31 Dec 2038 23:59:59 GMT", 21600), ("soon", None)]
)
def test_retry_after(client, value, seconds):
    """Seconds or a date; libcurl takes 6 hours for the most that makes sense."""
    with HttpProvider((503, {"Retry-After": value}, b""), (503, {}, b"")) as provider:
        assert client.post(provider.url, HEADERS, b"{}").retry_after == seconds
        # That of an earlier response is forgotten.
        assert client.post(provider.url, HEADERS, b"{}").retry_after is None


def test_signed(client):
    """The scope is in the signature, and the secret is not."""
    with HttpProvider((200, {}, b"")) as provider:
        client.post(provider.url, HEADERS, b"{}", AwsKey("AKID", "secret", "eu-west-1:ses"))
        client.post(provider.url, HEADERS, b"{}")
    signed, plain = provider.requests

    assert "/eu-west-1/ses/aws4_request" in signed.headers["authorization"]
    assert "secret" not in str(signed.headers)
    assert "authorization" not in plain.headers
    assert "secret" not in repr(AwsKey("AKID", "secret", "eu-west-1:ses"))


def test_no_redirect(client):
    """A request goes where it was sent, and nowhere else."""
    with HttpProvider((307, {"Location": "http://127.0.0.1:1/"}, b"")) as provider:
        assert client.post(provider.url, HEADERS, b"{}").status == 307


def test_lost_after_the_request(client, scripted):
    """It may have had its effect."""
    server = scripted(*REQUEST, Close())
    with pytest.raises(HttpFailed) as caught:
        client.post(url(server), HEADERS, b"{}")

    assert caught.value.sent


def test_sent_once(client, scripted):
    """Libcurl does not send it again over another connection, as it does over a kept one."""
    reply = Send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    first, second = scripted(*REQUEST, reply), scripted(*REQUEST, Close())
    assert client.post(url(first), HEADERS, b"{}").status == 200
    with pytest.raises(HttpFailed) as caught:
        client.post(url(second), HEADERS, b"{}")

    assert caught.value.sent


def test_lost_within_the_request(client, scripted):
    """A server does nothing with a part of it."""
    server = scripted(Expect(rb"POST / HTTP/1.1"), Close())
    with pytest.raises(HttpFailed) as caught:
        client.post(url(server), HEADERS, b"x" * 30_000_000)

    assert not caught.value.sent
    assert caught.value.transient


def test_timeout(scripted):
    """The wait has an end."""
    client = HttpClient(0.5)
    with takes(most=20), pytest.raises(HttpFailed, match="timed out") as caught:
        client.post(url(scripted(*REQUEST, Silence())), HEADERS, b"{}")
    client.close()

    assert caught.value.sent


def test_large_response(client, scripted):
    """No provider sends so much, so nobody reads it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    server = scripted(*REQUEST, Send(head + b"x" * 65_537), Silence())
    with pytest.raises(HttpFailed, match="larger than 65536") as caught:
        client.post(url(server), HEADERS, b"{}")

    assert caught.value.sent


def test_no_server(client):
    """Nothing was sent."""
    with pytest.raises(HttpFailed) as caught:
        client.post("http://127.0.0.1:1/", HEADERS, b"{}")

    assert not caught.value.sent
    assert caught.value.transient


def test_certificate_is_verified(client, scripted):
    """One that no authority has signed is no server of a provider's; no later try helps."""
    server = scripted(StartTls("self_signed"))
    with pytest.raises(HttpFailed, match="certificate") as caught:
        client.post(url(server, "https"), HEADERS, b"{}")

    assert not caught.value.sent
    assert not caught.value.transient


@pytest.mark.parametrize(
    "endpoint",
    ["https://api.eu.sendgrid.com", "http://127.0.0.1:80/", "http://localhost", "https://h/base/"],
)
def test_endpoint(endpoint):
    """Any https address, and http on this machine."""
    assert check_endpoint(endpoint, "transport ses") == endpoint.rstrip("/")


@pytest.mark.parametrize(
    "endpoint",
    ["http://api.sendgrid.com", "api.sendgrid.com", "", "ftp://h", "https://u:p@h", "https://h?x"],
)
def test_wrong_endpoint(endpoint):
    """A key never crosses the network in clear."""
    with pytest.raises(UsageError, match="transport ses: endpoint is"):
        check_endpoint(endpoint, "transport ses")
