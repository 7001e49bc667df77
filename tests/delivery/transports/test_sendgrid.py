"""The transport to SendGrid: each request is checked against the published shape."""

import base64
import json

import pytest

from delivery.transports.http_provider import HttpProvider
from delivery.transports.sendgrid_shape import errors_of
from netmail import DeliveryOptions, Envelope, Message, SendStatus, UsageError, envelope_of
from netmail.delivery import Mailer, MessageFailed, TransportFailed
from netmail.delivery.transports import sendgrid
from netmail.delivery.transports.sendgrid import SendgridTransport
from servers.steps import Close, Expect

KEY = "SG.example.key"
MESSAGE = Envelope("a@x.test", ("b@x.test",), b"From: a@x.test\r\nSubject: s\r\n\r\nt\r\n")


def judge(request):
    """Reply as SendGrid does: to the path, the key, and the shape of the request."""
    if request.path != "/v3/mail/send" or request.headers["content-type"] != "application/json":
        return 404, {}, b""
    if request.headers["authorization"] != f"Bearer {KEY}":
        return 401, {}, b'{"errors": [{"message": "authorization required", "field": null}]}'
    if errors := errors_of(json.loads(request.body)):
        found = [{"message": "is wrong", "field": name, "help": None} for name in errors]
        return 400, {}, json.dumps({"errors": found}).encode()
    return 202, {"X-Message-Id": "14c5d75ce93"}, b""


@pytest.fixture
def ready():
    """Start a transport to an address."""
    made = []

    def make(url, **directives):
        made.append(SendgridTransport({"key": KEY, "endpoint": url, **directives}))
        made[-1].startup()
        return made[-1]

    yield make
    for each in made:
        each.shutdown()


@pytest.fixture
def sent(ready):
    """Deliver a message, and return its request: SendGrid has accepted it."""

    def deliver(message):
        with HttpProvider(judge) as provider:
            result = ready(provider.url).deliver(message)
        assert [each.text for each in result.accepted] == ["14c5d75ce93"] * len(result.recipients)
        return json.loads(provider.requests[0].body)

    return deliver


def test_whole_message(sent):
    """Every piece has its place; recipients that no field names are hidden ones."""
    message = Message("Änn <a@x.test>", ["B <b@x.test>", "c@x.test"], "Grüße", text="plain")
    message.html("<p>hi <img src='cid:pic'></p>").cc("d@x.test").bcc("e@x.test")
    message.reply_to("r@x.test").header({"X-One": "ä", "List-Id": "<l.x.test>"})
    message.attachment(b"\x89PNG", "p.png", content_id="pic", inline=True)
    message.attachment(b"abc", "ä.txt")
    request = sent(message)
    headers = request.pop("headers")

    assert request == {
        "personalizations": [
            {
                "to": [{"email": "b@x.test", "name": "B"}, {"email": "c@x.test"}],
                "cc": [{"email": "d@x.test"}],
                "bcc": [{"email": "e@x.test"}],
            }
        ],
        "from": {"email": "a@x.test", "name": "Änn"},
        "subject": "Grüße",
        "reply_to_list": [{"email": "r@x.test"}],
        "content": [
            {"type": "text/plain", "value": "plain"},
            {"type": "text/html", "value": "<p>hi <img src='cid:pic'></p>"},
        ],
        "attachments": [
            {
                "content": base64.b64encode(b"\x89PNG").decode(),
                "type": "image/png",
                "filename": "p.png",
                "disposition": "inline",
                "content_id": "pic",
            },
            {
                "content": base64.b64encode(b"abc").decode(),
                "type": "text/plain",
                "filename": "ä.txt",
                "disposition": "attachment",
            },
        ],
    }
    assert headers == {
        "Message-ID": message.id,
        "X-One": "=?utf-8?b?w6Q=?=",
        "List-Id": "<l.x.test>",
    }


def test_calendar(sent):
    """An invitation is another form of the text, and a file."""
    message = Message("a@x.test", "b@x.test", "s", text="t", html="<p>t</p>")
    request = sent(message.calendar("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "REQUEST"))

    assert [each["type"] for each in request["content"]] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert [each["filename"] for each in request["attachments"]] == ["invite.ics"]


def test_hidden_recipients(sent):
    """Where nobody is named, each recipient is alone in its group."""
    message = Message("a@x.test", (), "s", text="t").bcc(["b@x.test", "c@x.test"])

    assert sent(message)["personalizations"] == [
        {"to": [{"email": "b@x.test"}]},
        {"to": [{"email": "c@x.test"}]},
    ]


def test_copies_only(sent):
    """A group has to have a To, which is the Cc where there is no other."""
    message = Message("a@x.test", (), "s", text="t").cc("b@x.test").bcc("c@x.test")

    assert sent(message)["personalizations"] == [
        {"to": [{"email": "b@x.test"}], "bcc": [{"email": "c@x.test"}]}
    ]


def test_some_of_the_recipients(sent):
    """What is tried again goes to those that are left, whatever the header says."""
    message = envelope_of(Message("a@x.test", ["b@x.test", "c@x.test"], "s", text="t"))
    left = Envelope(message.sender, ("c@x.test",), message.content)

    assert sent(left)["personalizations"] == [{"to": [{"email": "c@x.test"}]}]


def test_large(sent, tmp_path):
    """Files are read when the request is made."""
    (tmp_path / "data.bin").write_bytes(bytes(2_000_000))
    message = Message("a@x.test", "b@x.test", "s", text="t").attachment(tmp_path / "data.bin")

    assert len(sent(message)["attachments"][0]["content"]) == 2_666_668


def raw(header, body=b"t\r\n"):
    """Return a message with these fields."""
    content = b"From: a@x.test\r\nTo: b@x.test\r\nSubject: s\r\n" + header + b"\r\n" + body
    return Envelope("a@x.test", ("b@x.test",), content)


SIGNED = b'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\r\n'
PARTS = b"--b\r\n\r\nt\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\ns\r\n--b--\r\n"


@pytest.mark.parametrize(
    ("envelope", "why"),
    [
        (raw(SIGNED, PARTS), "is signed"),
        (raw(b"DKIM-Signature: v=1; a=rsa-sha256\r\n"), "is signed"),
        (raw(b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n"), "encrypted"),
        (raw(b"Content-Type: multipart/report; boundary=b\r\n", PARTS), "is a report"),
        (raw(b"X-A: 1\r\nX-A: 2\r\n"), "several X-A"),
        (raw(b"From: z@x.test\r\n"), "several From"),
        (raw(b"", b""), "without a text"),
        (Envelope("a@x.test", ("b@x.test",), b"From: a@x.test\r\n\r\nt\r\n"), "without a subject"),
        (Envelope("a@x.test", ("b@x.test",), b"Subject: s\r\n\r\nt\r\n"), "has 0 authors"),
        (Envelope("", ("b@x.test",), b"From: a@x.test, b@x.test\r\n\r\nt\r\n"), "has 2 authors"),
        (
            Envelope("a@x.test", tuple(f"r{n}@x.test" for n in range(1001)), MESSAGE.content),
            "1001 recipients of 1000",
        ),
        (
            Envelope("a@x.test", ("b@x.test",), MESSAGE.content, DeliveryOptions(envid="1")),
            "delivery options",
        ),
    ],
)
def test_what_cannot_pass(ready, envelope, why):
    """Nothing is sent, and the sentence says why."""
    with pytest.raises(MessageFailed, match=why):
        ready("http://127.0.0.1:1").deliver(envelope)


def test_too_large(ready, monkeypatch):
    """The limit is that of the request."""
    monkeypatch.setattr(sendgrid, "MAX_OCTETS", 100)
    with pytest.raises(MessageFailed, match="octets of 100"):
        ready("http://127.0.0.1:1").deliver(MESSAGE)


@pytest.mark.parametrize(
    ("status", "transient"), [(429, True), (500, True), (503, True), (401, False), (403, False)]
)
def test_errors_of_the_account(ready, status, transient):
    """Another transport may deliver the message."""
    body = b'{"errors": [{"message": "why not", "field": null, "help": null}]}'
    refused = pytest.raises(TransportFailed, match=f"sendgrid: {status} why not")
    with HttpProvider((status, {}, body)) as provider, refused as caught:
        ready(provider.url).deliver(MESSAGE)

    assert caught.value.transient is transient
    assert caught.value.retry_after is None


def test_retry_after(ready):
    """How long the provider wants to be left alone."""
    refused = pytest.raises(TransportFailed)
    with HttpProvider((429, {"Retry-After": "30"}, b"{}")) as provider, refused as caught:
        ready(provider.url).deliver(MESSAGE)

    assert caught.value.retry_after == 30


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (400, b'{"errors": [{"message": "bad", "field": "from.email"}]}', "400 from.email: bad"),
        (413, b"<html>", "413"),
        (400, b'{"errors": [7]}', "400"),
    ],
)
def test_errors_of_the_message(ready, status, body, text):
    """They are in the result, for good."""
    with HttpProvider((status, {}, body)) as provider:
        result = ready(provider.url).deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.REFUSED
    assert result.recipients[0].text == f"sendgrid: {text}"
    assert result.retryable is None


def test_lost_response(ready, scripted):
    """SendGrid may have accepted it."""
    with HttpProvider((504, {}, b"")) as provider:
        late = ready(provider.url).deliver(MESSAGE)
    server = scripted(
        Expect(rb"POST /v3/mail/send HTTP/1.1"),
        *(Expect(rb"(?:Host|User-Agent|Accept|Content-\w+|Authorization): .*"),) * 6,
        Expect(rb""),
        Close(),
    )
    lost = ready(f"http://127.0.0.1:{server.port}").deliver(MESSAGE)

    assert late.recipients[0].status is SendStatus.UNCERTAIN
    assert lost.recipients[0].status is SendStatus.UNCERTAIN


def test_no_server(ready):
    """Nothing was sent."""
    with pytest.raises(TransportFailed) as caught:
        ready("http://127.0.0.1:1").deliver(MESSAGE)

    assert caught.value.transient


def test_mailer():
    """By its name, from a configuration."""
    with HttpProvider(judge) as provider:
        transport = {"use": "sendgrid", "key": KEY, "endpoint": provider.url}
        with Mailer({"transport": transport}) as mailer:
            assert mailer.send(Message("a@x.test", "b@x.test", "s", text="t")).result()


@pytest.mark.parametrize(
    ("directives", "why"),
    [
        ({"user": "ann", "key": "secret"}, "have ended"),
        ({}, "'key' is missing"),
        ({"key": "a\r\nX-Evil: 1"}, "no API key has"),
        ({"key": KEY, "endpoint": "http://api.sendgrid.com"}, "endpoint is"),
    ],
)
def test_wrong_directives(directives, why):
    """They are found before there is a message, and no key is in the sentence."""
    with pytest.raises(UsageError, match=why) as caught:
        SendgridTransport(directives)

    assert "secret" not in str(caught.value)
