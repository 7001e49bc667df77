"""Django's mail backend, with Django."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import django
import pytest
from django.conf import settings
from django.core import mail
from django.test.utils import override_settings

from netmail import MessageError, UsageError
from netmail.delivery import DeliveryFailed
from netmail.delivery.django import EmailBackend
from netmail.testing import MailServer

BACKEND = "netmail.delivery.django.EmailBackend"
KNOWN = "ann@example.test"


@pytest.fixture(scope="module", autouse=True)
def configured():
    """Configure Django once in the process."""
    if not settings.configured:
        settings.configure()


@pytest.fixture
def server(monkeypatch):
    """Return a server that the setting NETMAIL names."""
    with MailServer({KNOWN: "secret"}) as server:
        config = {"transport": {"use": "smtp", "url": server.smtp_url}}
        monkeypatch.setattr(settings, "NETMAIL", config, raising=False)
        yield server


def backend(**options):
    """Return a backend."""
    return EmailBackend(**options)


def of_django(monkeypatch, **changes):
    """Give the backend Django's own settings; Django warns about changes of the real ones."""
    names = "HOST PORT HOST_USER HOST_PASSWORD USE_TLS USE_SSL TIMEOUT SSL_CERTFILE SSL_KEYFILE"
    values = {f"EMAIL_{name}": None for name in names.split()} | changes
    monkeypatch.setattr("netmail.delivery.django.settings", SimpleNamespace(**values))


def email(to, **fields):
    """Return a message of Django's."""
    return mail.EmailMessage("Plans", "Noon?\n", "Üs <us@example.test>", to, **fields)


@pytest.mark.parametrize("manager", ["immediate", "futures"])
def test_send_mail(server, monkeypatch, manager):
    """Text, HTML, attachments; Bcc is in the envelope only."""
    monkeypatch.setitem(settings.NETMAIL, "manager", {"use": manager})
    message = mail.EmailMultiAlternatives(
        "Pläne", "Noon?", "Üs <us@example.test>", [KNOWN], bcc=["hidden@example.test"]
    )
    message.attach_alternative("<p>Noon?</p>", "text/html")
    message.attach("plan.csv", b"a,b\n", "text/csv")
    with MailServer(accept_any=True) as crowd:
        monkeypatch.setitem(settings.NETMAIL, "transport", {"use": "smtp", "url": crowd.smtp_url})
        assert backend().send_messages([message]) == 1
        (sent,) = crowd.sent

    assert sent.sender == "us@example.test"
    assert sent.recipients == (KNOWN, "hidden@example.test")
    assert sent.mail.subject == "Pläne"
    assert (sent.mail.text.strip(), sent.mail.html.strip()) == ("Noon?", "<p>Noon?</p>")
    assert [each.filename for each in sent.mail.attachments] == ["plan.csv"]
    assert b"hidden" not in sent.mail.raw


def test_number_of_messages(server):
    """Those without recipients, and those refused for all, are not counted."""
    messages = [email([KNOWN]), email([]), email([KNOWN, "gone@example.test"])]

    assert backend().send_messages([]) == 0
    assert backend().send_messages(messages) == 2
    assert backend(fail_silently=True).send_messages([*messages, email(["gone@x.test"])]) == 2
    assert len(server.sent) == 4


@pytest.mark.parametrize(
    ("wrong", "error", "match"),
    [
        ("gone@example.test", DeliveryFailed, "550"),
        ("no address", MessageError, "no address"),
        ("a@x.test\nBcc: b@x.test", MessageError, "LF"),
    ],
)
def test_failures(server, wrong, error, match):
    """The others are sent first; then the reason is raised."""
    messages = [email([wrong]), email([KNOWN])]
    with pytest.raises(error, match=match):
        backend().send_messages(messages)

    assert len(server.sent) == 1
    assert backend(fail_silently=True).send_messages(messages) == 1


def test_open_and_close(server, caplog):
    """What is opened stays open for several calls; the backend closes only what it opened."""
    caplog.set_level("INFO", "netmail")
    connection = backend()
    assert connection.open() is True
    assert connection.open() is False
    connection.send_messages([email([KNOWN])])
    connection.send_messages([email([KNOWN])])
    connection.close()
    connection.close()

    assert len([line for line in caplog.messages if "connected" in line]) == 1
    with connection:
        assert connection.send_messages([email([KNOWN])]) == 1
    assert len(server.sent) == 3


def test_no_server(monkeypatch):
    """It raises, or counts nothing."""
    of_django(monkeypatch, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1)
    with pytest.raises(DeliveryFailed, match="no server"):
        backend().send_messages([email([KNOWN])])

    assert backend(fail_silently=True).send_messages([email([KNOWN])]) == 0


def test_settings_of_django(monkeypatch):
    """Without NETMAIL, Django's own settings say where the server is; arguments come before."""
    with MailServer({KNOWN: "secret"}, require_auth=True) as server:
        port = urlsplit(server.smtp_url).port
        of_django(monkeypatch, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_HOST_USER="other")
        assert backend(username=KNOWN, password="secret").send_messages([email([KNOWN])]) == 1
        of_django(
            monkeypatch,
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
            EMAIL_HOST_USER=KNOWN,
            EMAIL_HOST_PASSWORD="secret",
            EMAIL_USE_TLS=False,
            EMAIL_TIMEOUT=20,
        )
        assert backend().send_messages([email([KNOWN])]) == 1
        assert [each.user for each in server.sent] == [KNOWN, KNOWN]


def test_tls_of_django(monkeypatch):
    """EMAIL_USE_TLS is required, not tried."""
    with MailServer({KNOWN: "secret"}) as server:
        port = urlsplit(server.smtp_url).port
        of_django(monkeypatch, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_USE_TLS=True)
        with pytest.raises(DeliveryFailed, match="TLS"):
            backend().send_messages([email([KNOWN])])
        assert not server.sent


def test_mailers(monkeypatch):
    """Django 6.1 makes a backend with an alias and its OPTIONS, and has no EMAIL_ settings then."""
    monkeypatch.setattr("netmail.delivery.django.settings", SimpleNamespace())
    with MailServer({KNOWN: "secret"}) as server:
        options = {"host": "127.0.0.1", "port": urlsplit(server.smtp_url).port, "use_tls": False}
        made = backend(alias="default", **options)
        assert made.alias == "default"
        assert made.send_messages([email([KNOWN])]) == 1
        assert len(server.sent) == 1


def test_send_mail_of_django(server):
    """Django finds the backend by its settings, the old ones or the new."""
    new = {"MAILERS": {"default": {"BACKEND": BACKEND}}}
    with override_settings(**new if django.VERSION >= (6, 1) else {"EMAIL_BACKEND": BACKEND}):
        assert mail.send_mail("Plans", "Noon?", "us@example.test", [KNOWN]) == 1

    assert server.sent[0].mail.subject == "Plans"


def test_wrong_configuration(monkeypatch):
    """It is found when the backend is made."""
    monkeypatch.setattr(settings, "NETMAIL", {"transport.use": "smpt"}, raising=False)
    with pytest.raises(UsageError, match="did you mean 'smtp'"):
        backend()
