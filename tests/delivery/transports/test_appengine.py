"""The transport to App Engine, with the mail stub of Google's own package."""

import importlib
import sys
import warnings

import pytest

from netmail import DeliveryOptions, Envelope, Message, SendStatus, UsageError
from netmail.delivery import Mail, Mailer, MessageFailed, TransportFailed
from netmail.delivery.transports.appengine import AppengineTransport
from support.crypto_certificates import ANN, BOB, person


@pytest.fixture(autouse=True)
def quiet():
    """Google's package, and what it imports, have warnings of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("google.appengine.api.mail")
        importlib.import_module("google.appengine.ext.testbed")
        yield


@pytest.fixture
def stub():
    """The service's stub, which keeps what is sent."""
    from google.appengine.ext import testbed

    bed = testbed.Testbed()
    bed.activate()
    bed.init_mail_stub()
    yield bed.get_stub(testbed.MAIL_SERVICE_NAME)
    bed.deactivate()


def test_whole_message(stub, monkeypatch):
    """Every piece has its place."""
    requests = []
    real = stub.MakeSyncCall

    def send(service, call, request, *rest):
        requests.append(request)
        return real(service, call, request, *rest)

    monkeypatch.setattr(stub, "MakeSyncCall", send)
    message = Message("Änn <a@x.test>", ["B <b@x.test>", "c@x.test"], "Grüße", text="plain")
    message.html("<p>hi <img src='cid:pic'></p>").cc("d@x.test").bcc("e@x.test")
    message.reply_to("r@x.test").header({"List-Id": "<l.x.test>"})
    message.attachment(b"\x89PNG", "p.png", content_id="pic", inline=True)
    message.attachment(b"abc", "a.txt")
    with Mailer({"transport": {"use": "appengine"}}) as mailer:
        result = mailer.send(message).result()
    (sent,) = stub.get_sent_messages()

    assert [each.status for each in result.recipients] == [SendStatus.ACCEPTED] * 4
    assert result.replies == ()
    assert (sent.sender, sent.subject) == ("Änn <a@x.test>", "Grüße")
    assert sent.to == "B <b@x.test>, c@x.test"
    assert (sent.cc, sent.bcc, sent.reply_to) == ("d@x.test", "e@x.test", "r@x.test")
    assert sent.body.decode() == "plain"
    assert sent.html.decode() == "<p>hi <img src='cid:pic'></p>"
    # The stub keeps files as text, so they are looked at in the request.
    assert [(each.FileName, each.Data, each.ContentID) for each in requests[0].Attachment] == [
        ("p.png", b"\x89PNG", "pic"),
        ("a.txt", b"abc", ""),
    ]
    assert sent.headers == {"List-Id": "<l.x.test>"}


def test_web2py(stub):
    """`settings.server = "gae"`; what is signed or encrypted cannot pass, and is never sent."""
    mail = Mail("gae", ANN)
    assert mail.send(BOB, "S", ("t", "<html>t</html>"))
    mail.settings.cipher_type = "x509"
    mail.settings.x509_sign_keyfile = person(ANN).key_pem
    mail.settings.x509_sign_certfile = person(ANN).pem
    mail.settings.x509_crypt_certfiles = person(BOB).pem
    for sign, encrypt in ((True, False), (False, True), (True, True)):
        assert not mail.send(BOB, "S", "secret", sign=sign, encrypt=encrypt)
        assert "signed" in str(mail.error)
    (sent,) = stub.get_sent_messages()

    assert (sent.sender, sent.to, sent.body.decode()) == (ANN, BOB, "t")


def test_hidden_recipients_only(stub):
    """No To is needed."""
    transport = AppengineTransport({})
    transport.startup()
    message = Message("a@x.test", (), "s", text="t").bcc(["b@x.test", "c@x.test"])
    assert transport.deliver(message)
    transport.shutdown()
    (sent,) = stub.get_sent_messages()

    assert sent.bcc == "b@x.test, c@x.test"


def plain():
    """Return a message that passes."""
    return Message("a@x.test", "b@x.test", "s", text="t")


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (plain().header({"X-One": "1"}), "X-One"),
        (plain().header({"List-Unsubscribe-Post": "x=1"}), "List-Unsubscribe-Post"),
        (plain().attachment(b"MZ", "setup.exe"), "exe"),
        (plain().calendar("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "REQUEST"), "text/calendar"),
        (
            Envelope("a@x.test", ("b@x.test",), b"From: a\r\n\r\n", DeliveryOptions(envid="1")),
            "delivery options",
        ),
    ],
    ids=["field", "list", "file", "calendar", "options"],
)
def test_what_cannot_pass(stub, message, why):
    """The sentence says why, and nothing is sent."""
    with pytest.raises(MessageFailed, match=f"(?i)appengine.*{why}"):
        AppengineTransport({}).deliver(message)

    assert stub.get_sent_messages() == []


def test_elsewhere():
    """Without the service the sentence says so, and no later try helps."""
    with pytest.raises(TransportFailed, match="appengine: ") as caught:
        AppengineTransport({}).deliver(plain())

    assert not caught.value.transient


@pytest.mark.parametrize(
    ("name", "transient"), [("OverQuotaError", True), ("CapabilityDisabledError", True)]
)
def test_not_now(stub, monkeypatch, name, transient):
    """The service takes nothing for a while."""
    fail(stub, monkeypatch, name)
    with pytest.raises(TransportFailed, match=f"appengine: {name}") as caught:
        AppengineTransport({}).deliver(plain())

    assert caught.value.transient is transient


@pytest.mark.parametrize("name", ["DeadlineExceededError", "RPCFailedError"])
def test_no_response(stub, monkeypatch, name):
    """The service may have taken it."""
    fail(stub, monkeypatch, name)
    result = AppengineTransport({}).deliver(plain())

    assert result.recipients[0].status is SendStatus.UNCERTAIN
    assert result.retryable is None


def test_sender_is_not_allowed(stub, monkeypatch):
    """An application sends for its own accounts only."""
    from google.appengine.api import mail_service_pb2
    from google.appengine.runtime import apiproxy_errors

    code = mail_service_pb2.MailServiceError.UNAUTHORIZED_SENDER
    refusal = apiproxy_errors.ApplicationError(code, "Unauthorized sender")
    fail(stub, monkeypatch, refusal)
    with pytest.raises(TransportFailed, match="Unauthorized sender") as caught:
        AppengineTransport({}).deliver(plain())

    assert not caught.value.transient


def fail(stub, monkeypatch, error):
    """Let the service fail."""
    from google.appengine.runtime import apiproxy_errors

    raised = getattr(apiproxy_errors, error)() if isinstance(error, str) else error

    def send(*_):
        raise raised

    monkeypatch.setattr(stub, "MakeSyncCall", send)


def test_without_the_package(monkeypatch):
    """The sentence names it."""
    monkeypatch.setitem(sys.modules, "google.appengine.api.mail", None)
    with pytest.raises(UsageError, match="pip install appengine-python-standard"):
        AppengineTransport({})


def test_no_directives():
    """There are none."""
    with pytest.raises(UsageError, match="'user'"):
        AppengineTransport({"user": "ann"})
