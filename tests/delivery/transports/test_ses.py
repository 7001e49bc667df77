"""The transport to SES: moto's server, botocore's signature, and what moto does not reply."""

import base64
import datetime as dt
import json
import warnings

import pytest

from delivery.transports.http_provider import HttpProvider
from netmail import DeliveryOptions, Envelope, Message, SendStatus, UsageError
from netmail.delivery import Mailer, MessageFailed, TransportFailed
from netmail.delivery.transports import ses
from netmail.delivery.transports.http import AwsKey, HttpClient
from netmail.delivery.transports.ses import SesTransport
from servers.steps import Close, Expect, ExpectData, Silence

MESSAGE = Envelope("a@x.test", ("b@x.test",), b"Subject: s\r\n\r\nt\r\n")
KEY = {"id": "AKIDEXAMPLE", "key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
SENT = (200, {}, b'{"MessageId": "id-1"}')


@pytest.fixture
def ready():
    """Start a transport to an address."""
    made = []

    def make(url, **directives):
        made.append(SesTransport({**KEY, "endpoint": url, **directives}))
        made[-1].startup()
        return made[-1]

    yield make
    for each in made:
        each.shutdown()


@pytest.fixture
def moto():
    """Moto's server, whose packages have warnings of their own, and its backends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer
        from moto.ses.models import ses_backends

        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            yield f"http://{host}:{port}", ses_backends["123456789012"]["eu-west-1"]
        finally:
            server.stop()
            ses_backends.reset()


def test_moto(moto):
    """A message for a verified sender is accepted, octet by octet."""
    url, backend = moto
    client = HttpClient(30)
    identity = json.dumps({"EmailIdentity": "a@x.test"}).encode()
    key = AwsKey(KEY["id"], KEY["key"], "eu-west-1:ses")
    headers = {"Content-Type": "application/json"}
    verified = client.post(f"{url}/v2/email/identities", headers, identity, key)
    client.close()
    assert verified.status == 200
    message = Message("Ann <a@x.test>", ["b@x.test", "c@x.test"], "Grüße", text="t")
    transport = {"use": "ses", **KEY, "region": "eu-west-1", "endpoint": url}
    with Mailer({"transport": transport}) as mailer:
        result = mailer.send(message.bcc("d@x.test")).result()
    (sent,) = backend.sent_messages

    assert result
    assert result.recipients[0].text == sent.id
    assert sent.source == "a@x.test"
    assert set(sent.destinations) == {"b@x.test", "c@x.test", "d@x.test"}
    assert sent.raw_data.encode() == message.as_bytes() + b"\r\n"


def test_moto_without_a_verified_sender(moto, ready):
    """The refusal is in the result."""
    url, _ = moto
    result = ready(url, region="eu-west-1").deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.REFUSED
    assert "MessageRejected" in result.recipients[0].text
    assert result.retryable is None


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzEXAMPLE//token=="])
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_signature(ready, monkeypatch, region, token):
    """It is botocore's for the same request at the same time."""
    with HttpProvider(SENT) as provider:
        ready(provider.url, region=region, token=token).deliver(MESSAGE)
    (request,) = provider.requests
    signed = signed_by_botocore(provider.url, request, region, token, monkeypatch)

    assert request.headers["authorization"] == signed["Authorization"]
    assert request.headers.get("x-amz-security-token") == token
    assert request.path == "/v2/email/outbound-emails"


def signed_by_botocore(url, request, region, token, monkeypatch):
    """Return the fields of a request that botocore has signed, its clock being the request's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from botocore import auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        stamp = request.headers["x-amz-date"]
        then = dt.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        monkeypatch.setattr(auth, "get_current_datetime", lambda *_, **__: then)
        credentials = Credentials(KEY["id"], KEY["key"], token)
        content = {"Content-Type": request.headers["content-type"]}
        aws = AWSRequest("POST", url + request.path, content, request.body)
        auth.SigV4Auth(credentials, "ses", region).add_auth(aws)
    assert aws.headers["X-Amz-Date"] == stamp
    return aws.headers


def test_request(ready):
    """The recipients are the envelope's, whatever the header says."""
    with HttpProvider(SENT) as provider:
        ready(provider.url).deliver(MESSAGE)
    (request,) = provider.requests

    assert json.loads(request.body) == {
        "FromEmailAddress": "a@x.test",
        "Destination": {"ToAddresses": ["b@x.test"]},
        "Content": {"Raw": {"Data": base64.b64encode(MESSAGE.content).decode()}},
    }


def error(status, kind, sentence="why"):
    """Return a response as SES writes it."""
    link = f"{kind}:http://internal.amazon.com/coral/com.amazonaws.services/"
    return status, {"x-amzn-ErrorType": link}, json.dumps({"message": sentence}).encode()


@pytest.mark.parametrize(
    ("response", "transient"),
    [
        (error(429, "TooManyRequestsException"), True),
        (error(400, "LimitExceededException"), True),
        (error(500, "InternalFailure"), True),
        ((503, {}, b"<html>"), True),
        (error(403, "InvalidSignatureException"), False),
        (error(400, "AccountSuspendedException"), False),
        (error(400, "SendingPausedException"), False),
        (error(400, "MailFromDomainNotVerifiedException"), False),
        (error(404, "NotFoundException"), False),
    ],
)
def test_errors_of_the_account(ready, response, transient):
    """They say nothing of the message: another transport may deliver it."""
    refused = pytest.raises(TransportFailed, match=f"ses: {response[0]}")
    with HttpProvider(response) as provider, refused as caught:
        ready(provider.url).deliver(MESSAGE)

    assert caught.value.transient is transient
    assert caught.value.retry_after is None


def test_retry_after(ready):
    """How long the provider wants to be left alone."""
    refused = pytest.raises(TransportFailed)
    with HttpProvider((503, {"Retry-After": "30"}, b"{}")) as provider, refused as caught:
        ready(provider.url).deliver(MESSAGE)

    assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    "response",
    [
        error(400, "MessageRejected"),
        error(400, "BadRequestException"),
        (400, {}, b'{"__type": "com.amazonaws.sesv2#MessageRejected", "Message": "why"}'),
    ],
)
def test_errors_of_the_message(ready, response):
    """They are in the result, for good."""
    with HttpProvider(response) as provider:
        result = ready(provider.url).deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.REFUSED
    assert result.recipients[0].text.endswith("why")
    assert result.retryable is None


def test_gateway_timeout(ready):
    """What the gateway has waited for may have taken it."""
    with HttpProvider((504, {}, b"")) as provider:
        result = ready(provider.url).deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.UNCERTAIN


def test_response_without_an_identifier(ready):
    """It is accepted all the same."""
    for body in (b"", b"[]", b"{}"):
        with HttpProvider((200, {}, body)) as provider:
            assert ready(provider.url).deliver(MESSAGE)


@pytest.mark.parametrize("ending", [Close(), Silence()], ids=["closed", "silent"])
def test_lost_response(ready, scripted, ending):
    """SES may have accepted it, so nobody sends it again."""
    server = scripted(
        Expect(rb"POST /v2/email/outbound-emails HTTP/1.1"),
        *(Expect(rb"(?:Host|User-Agent|Accept|Content-\w+|Authorization|X-Amz-Date): .*"),) * 7,
        Expect(rb""),
        ExpectData(b'{"FromEmailAddress": "a@x.test"'),
        ending,
    )
    result = ready(f"http://127.0.0.1:{server.port}", timeout="0.5").deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.UNCERTAIN
    assert result.retryable is None


def test_no_server(ready):
    """Nothing was sent."""
    with pytest.raises(TransportFailed) as caught:
        ready("http://127.0.0.1:1").deliver(MESSAGE)

    assert caught.value.transient


def test_many_recipients(ready):
    """A request has fifty; what comes after one that fails is left for a later try."""
    envelope = Envelope("a@x.test", tuple(f"r{n}@x.test" for n in range(120)), MESSAGE.content)
    with HttpProvider(SENT) as provider:
        assert ready(provider.url).deliver(envelope)
    counts = [
        len(json.loads(each.body)["Destination"]["ToAddresses"]) for each in provider.requests
    ]
    with HttpProvider(SENT, error(429, "TooManyRequestsException")) as provider:
        result = ready(provider.url).deliver(envelope)

    assert counts == [50, 50, 20]
    assert len(provider.requests) == 2
    assert [each.status.name for each in result.recipients] == ["ACCEPTED"] * 50 + ["NOT_SENT"] * 70
    assert result.retryable.recipients == envelope.recipients[50:]
    assert "TooManyRequests" in str(result.error)


@pytest.mark.parametrize(
    ("envelope", "why"),
    [
        (Envelope("", ("b@x.test",), MESSAGE.content), "without a sender"),
        (Envelope("a@x.test", ("b@x.test",), b"", DeliveryOptions(envid="1")), "delivery options"),
    ],
)
def test_what_cannot_pass(ready, envelope, why):
    """Nothing is sent."""
    with pytest.raises(MessageFailed, match=why):
        ready("http://127.0.0.1:1").deliver(envelope)


def test_too_large(ready, monkeypatch):
    """The limit is that of the message in base64."""
    monkeypatch.setattr(ses, "MAX_OCTETS", 100)
    with pytest.raises(MessageFailed, match="104 octets in base64 of 100"):
        ready("http://127.0.0.1:1").deliver(Envelope("a@x.test", ("b@x.test",), b"x" * 77))


@pytest.mark.parametrize(
    ("directives", "why"),
    [
        ({"id": "a"}, "'key' is missing"),
        ({**KEY, "region": "eu-west-1.evil.test/"}, "region is"),
        ({**KEY, "endpoint": "http://email.eu-west-1.amazonaws.com"}, "endpoint is"),
        ({**KEY, "secret": "x"}, "'secret'"),
    ],
)
def test_wrong_directives(directives, why):
    """They are found before there is a message, and no key is in the sentence."""
    with pytest.raises(UsageError, match=why) as caught:
        SesTransport(directives)

    assert KEY["key"] not in str(caught.value)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "email.eu-west-1.amazonaws.com"),
        ("cn-north-1", "email.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "email.us-gov-west-1.amazonaws.com"),
    ],
)
def test_address(region, host):
    """It is made of the region."""
    directives = ses.SesDirectives(**KEY, region=region)

    assert directives.url == f"https://{host}/v2/email/outbound-emails"
    assert KEY["key"] not in repr(directives)


@pytest.mark.parametrize("name", ["id", "key", "token"])
@pytest.mark.parametrize("wrong", ["a\r\nX: y", "ä", "a\nb"])
def test_credentials_that_are_none(name, wrong):
    """They become fields of the request, and cannot begin another one; the error shows none."""
    with pytest.raises(UsageError, match=f"transport ses: {name} has characters") as caught:
        SesTransport({**KEY, name: wrong})

    assert wrong not in str(caught.value)


def test_response_of_many_levels(ready):
    """A response that no parser of JSON can read is judged by its status."""
    response = (400, {}, b"[" * 60_000)

    with HttpProvider(response) as provider, pytest.raises(TransportFailed, match="400"):
        ready(provider.url).deliver(MESSAGE)
