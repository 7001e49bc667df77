"""Every name of Marrow Mailer and of web2py's Mail is there, or its page says what replaces it.

The lists are those of their documents.
"""

import inspect
import re

import pytest

import netmail
from netmail import delivery, sms
from netmail.delivery.registry import OWN, manager_class, transport_class
from support.source import ROOT

PAGES = ROOT / "docs" / "howto" / "coming-from"

MANAGERS = {
    "immediate": {},
    "futures": {"workers": 1},
    "dynamic": {"workers": 10, "divisor": 10, "timeout": 60},
}
TRANSPORTS = {
    "mbox": {"file": "x.mbox"},
    "maildir": {"directory": "x", "folder": None, "create": False, "separator": "!"},
    "smtp": {
        "host": "localhost",
        "port": 25,
        "username": "u",
        "password": "p",
        "timeout": None,
        "local_hostname": None,
        "debug": False,
        "tls": "optional",
        "certfile": None,
        "keyfile": None,
        "pipeline": None,
    },
    "imap": {
        "host": "localhost",
        "ssl": False,
        "port": 143,
        "username": "u",
        "password": "p",
        "folder": "INBOX",
    },
    "log": {"name": "marrow.mailer.transport.log"},
    "mock": {"success": 1.0, "failure": 0.0, "exhaustion": 0.0},
    "sendmail": {"path": "/usr/sbin/sendmail"},
    "sendgrid": {"key": "SG.secret"},
}
AMAZON = {"id": "AKIAEXAMPLE", "key": "secret", "region": "eu-west-1"}
RENAMED = {"amazon", "appengine"}
MESSAGE = """
    attachments author to cc bcc date embedded encoding headers notify organization plain priority
    reply retries rich sender subject
"""
ATTRIBUTES = "attach embed send id envelope recipients retries"
MAILER = "start stop send new"
EXCEPTIONS = """
    DeliveryFailedException MailerNotRunning MailConfigurationException TransportFailedException
    MessageFailedException TransportExhaustedException
"""
SETTINGS = """
    server sender login tls ssl timeout hostname dkim list_unsubscribe cipher_type gpg_home sign
    sign_passphrase encrypt x509_sign_keyfile x509_sign_certfile x509_sign_chainfile x509_nocerts
    x509_crypt_certfiles debug self_signed_certificate
"""
ARGUMENTS = "to subject message attachments cc bcc reply_to sender encoding raw headers"


@pytest.mark.parametrize("use", MANAGERS)
def test_managers(use):
    """Each manager takes the directives that Marrow Mailer documents."""
    assert manager_class(use)(MANAGERS[use], lambda: None)


@pytest.mark.parametrize("use", TRANSPORTS)
def test_transports(use):
    """Each transport takes the directives that Marrow Mailer documents."""
    assert transport_class(use)({"use": use, **TRANSPORTS[use]})


def test_amazon():
    """`amazon` is `ses` here, and has a region."""
    assert transport_class("ses")({"use": "ses", **AMAZON})


def test_message():
    """Each attribute is a keyword of the constructor, and each method is there."""
    known = {*netmail.MessageKeywords.__annotations__, "author", "to", "subject", "retries"}

    assert set(MESSAGE.split()) - known == set()
    assert not [name for name in ATTRIBUTES.split() if not hasattr(delivery.BoundMessage, name)]
    assert not [name for name in MAILER.split() if not hasattr(delivery.Mailer, name)]


@pytest.mark.parametrize("name", EXCEPTIONS.split())
def test_exceptions(name):
    """Each is there under Marrow Mailer's name."""
    assert issubclass(getattr(delivery, name), netmail.NetmailError)


def test_exception_of_a_failure():
    """It has the message and the reason under both names."""
    error = delivery.DeliveryFailedException("message", "reason")

    assert error.args == ("message", "reason")
    assert (error.msg, error.reason) == ("message", "reason")


def test_web2py():
    """Each setting, argument and helper is there, the arguments in their order."""
    settings = delivery.MailSettings.__dataclass_fields__
    arguments = list(inspect.signature(delivery.Mail.send).parameters)
    attachment = list(inspect.signature(delivery.Mail.Attachment).parameters)

    assert set(SETTINGS.split()) - settings.keys() == set()
    assert arguments[1:12] == ARGUMENTS.split()
    assert attachment == ["payload", "filename", "content_id", "content_type"]
    assert list(inspect.signature(delivery.Mail).parameters) == ["server", "sender", "login", "tls"]
    assert sms.SMSCODES
    assert list(inspect.signature(sms.sms_email).parameters)[:2] == ["number", "provider"]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("marrow-mailer", [*MANAGERS, *TRANSPORTS, *RENAMED]),
        ("marrow-mailer", [name for each in MANAGERS.values() for name in each]),
        ("marrow-mailer", [name for each in TRANSPORTS.values() for name in each]),
        ("marrow-mailer", [*MESSAGE.split(), *ATTRIBUTES.split(), *MAILER.split(), "_id", "mime"]),
        ("marrow-mailer", [*EXCEPTIONS.split(), "startup", "shutdown", "deliver", "connected"]),
        ("web2py", [*SETTINGS.split(), *ARGUMENTS.split(), "Attachment", "result", "error"]),
        ("web2py", ["SMSCODES", "sms_email", "logging", "gae", "render", "queue", "DAL", "URL"]),
    ],
)
def test_names_have_a_row(page, names):
    """The page has each name, and what it has become."""
    text = (PAGES / f"{page}.md").read_text("utf-8")
    rows = " ".join(line.partition("|")[2].partition(" | ")[0] for line in text.splitlines())

    assert set(names) - set(re.findall(r"\w+", rows)) == set()


def test_page_names_what_is_there():
    """What replaces a transport is a transport."""
    text = (PAGES / "marrow-mailer.md").read_text("utf-8")
    named = set(re.findall(r"the transport `([\w-]+)`", text))

    assert named - OWN["transports"].keys() == set()
