"""web2py's mailer: its examples, and the mistakes of its own implementation that this one lacks."""

import copy
import io
import threading
from email import charset
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from netmail import UsageError, parse_mbox
from netmail.delivery import Mail
from netmail.testing import MailServer

ANN = "ann@example.test"
US = "us@example.test"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest.fixture
def server():
    """Return a server that accepts every recipient."""
    with MailServer(accept_any=True) as server:
        yield server


@pytest.fixture
def mail(server):
    """Return a mailer as web2py's pages configure it."""
    return mail_to(server)


def mail_to(server):
    """Return a mailer for a server."""
    mail = Mail()
    mail.settings.server = f"127.0.0.1:{urlsplit(server.smtp_url).port}"
    mail.settings.sender = US
    mail.settings.login = None
    mail.settings.tls = False
    return mail


def test_text(mail, server):
    """The simplest message; it has the headers that web2py leaves out."""
    assert mail.send(ANN, "Message subject", "Plain text body of the message")
    (sent,) = server.sent

    assert (sent.sender, sent.recipients) == (US, (ANN,))
    assert sent.mail.subject == "Message subject"
    assert sent.mail.text.strip() == "Plain text body of the message"
    assert not sent.mail.html
    assert sent.mail.message_id
    assert sent.mail.date.tzinfo is not None
    assert mail.result
    assert mail.error is None


@pytest.mark.parametrize(
    ("message", "text", "html"),
    [
        ("<html>html body</html>", None, "<html>html body</html>"),
        ("<!DOCTYPE html>\n<html>x</html>", None, "<!DOCTYPE html>\n<html>x</html>"),
        (("Plain", "<html>rich</html>"), "Plain", "<html>rich</html>"),
        (["Plain", "<p>rich</p>"], "Plain", "<p>rich</p>"),
        (("Plain", None), "Plain", None),
        (io.StringIO("from a file"), "from a file", None),
        ("Grüße".encode("latin-1"), "Grüße", None),
        (SimpleNamespace(), "namespace()", None),
        ("", "", None),
        (None, "", None),
    ],
)
def test_bodies(mail, server, message, text, html):
    """HTML by its start, a doctype included; pairs, files, octets, translated texts."""
    assert mail.send(ANN, "s", message, encoding="latin-1")
    read = server.sent[0].mail

    assert (read.text or "").strip() == (text or "")
    assert (read.html or "").strip() == (html or "")


def test_defaults(mail, server):
    """What is left out is as in web2py."""
    assert mail.send(ANN)

    assert server.sent[0].mail.subject == "[no subject]"
    assert server.sent[0].mail.text.strip() == "[no message]"


def test_raw(mail, server):
    """The message is text, whatever it begins with; attachments with it are no silent loss."""
    assert mail.send(ANN, "s", "<html>as text</html>", raw=True)
    assert server.sent[0].mail.text.strip() == "<html>as text</html>"
    assert not server.sent[0].mail.html
    with pytest.raises(UsageError, match="raw"):
        mail.send(ANN, "s", "x", attachments=Mail.Attachment(io.BytesIO(b""), "x"), raw=True)


@pytest.mark.parametrize("kind", [list, tuple])
def test_copies(mail, server, kind):
    """web2py adds cc and bcc to the caller's list, and cannot add them to a tuple."""
    to, cc, bcc = kind([ANN]), kind(["c1@x.test", "c2@x.test"]), kind(["b1@x.test", "b2@x.test"])
    assert mail.send(to, "s", "m", cc=cc, bcc=bcc, reply_to=kind(["r@x.test"]))
    (sent,) = server.sent

    assert sent.recipients == (ANN, "c1@x.test", "c2@x.test", "b1@x.test", "b2@x.test")
    assert to == kind([ANN])
    assert [each.address for each in sent.mail.cc] == ["c1@x.test", "c2@x.test"]
    assert [each.address for each in sent.mail.reply_to] == ["r@x.test"]
    assert b"b1@x.test" not in sent.mail.raw


def test_author_beyond_ascii(mail, server):
    """web2py encodes the address together with the name, and nobody can reply."""
    assert mail.send(ANN, "Pläne", "ü", sender="Ünï <u@x.test>")
    (sent,) = server.sent

    assert sent.sender == "u@x.test"
    assert [(each.name, each.address) for each in sent.mail.from_] == [("Ünï", "u@x.test")]
    assert b"<u@x.test>" in sent.mail.raw


def test_other_author(mail, server):
    """`from_address` is the author, and the sender remains the envelope's."""
    assert mail.send(ANN, "s", "m", from_address="boss@x.test")

    assert server.sent[0].mail.from_[0].address == "boss@x.test"
    assert server.sent[0].sender == US


def test_headers(mail, server):
    """They take the place of generated ones; Return-Path is the envelope's sender."""
    headers = {"Return-Path": "", "X-Ticket": "17", "Subject": "other"}
    assert mail.send(ANN, "s", "m", headers=headers, list_unsubscribe="mailto:out@x.test")
    (sent,) = server.sent

    assert sent.sender == ""
    assert sent.mail.headers["X-Ticket"] == "17"
    assert sent.mail.headers.get_all("Subject") == ["other"]
    assert sent.mail.headers["List-Unsubscribe"] == "<mailto:out@x.test>"


def test_registry_of_charsets_is_left_alone(mail, server):
    """web2py changes how every `email` message of the program is encoded."""
    before = copy.deepcopy((charset.CHARSETS, charset.ALIASES, charset.CODEC_MAP))
    assert mail.send(ANN, "Pläne", ("ü", "<html>ü</html>"))

    assert before == (charset.CHARSETS, charset.ALIASES, charset.CODEC_MAP)


@pytest.mark.parametrize("where", ["mailto:out@x.test", "https://x.test/out?u=1"])
def test_list_unsubscribe(mail, server, where):
    """An address, or a page, which web2py writes as an address."""
    assert mail.send(ANN, "s", "m", list_unsubscribe=where)

    assert server.sent[0].mail.headers["List-Unsubscribe"] == f"<{where}>"


def test_attachments(mail, server, tmp_path):
    """By path and from open files, one or several, again and again; images within the HTML."""
    photo = tmp_path / "photo.png"
    photo.write_bytes(PNG)
    inline = mail.Attachment(str(photo), content_id="photo")
    table = Mail.Attachment(io.BytesIO(b"a,b"), "täble.csv", content_type="text/csv")
    assert mail.send(ANN, "s", '<html><img src="cid:photo" /></html>', inline)
    assert mail.send(ANN, "s", "m", [inline, table])
    assert mail.send(ANN, "s", "m", attachments=[table])
    first, second, third = [each.mail for each in server.sent]

    assert [each.content_id for each in first.inline] == ["photo"]
    assert b"multipart/related" in first.raw
    assert {each.filename for each in (*second.attachments, *second.inline)} == {
        "photo.png",
        "täble.csv",
    }
    assert third.attachments[0].content == b"a,b"
    with pytest.raises(UsageError, match="filename"):
        Mail.Attachment(io.BytesIO(b"x"))


def test_partial_refusal():
    """web2py returns True when only some recipients were accepted."""
    with MailServer({ANN: "secret"}) as server:
        mail = mail_to(server)
        assert not mail.send([ANN, "gone@example.test"], "s", "m")
        assert [each.address for each in mail.result.refused] == ["gone@example.test"]
        assert mail.error is None
        assert mail.send(ANN, "s", "m")
        assert mail.result


@pytest.mark.parametrize("to", ["no address", "a@x.test\r\nBcc: b@x.test"])
def test_bad_address(mail, server, to):
    """False, with the reason; nothing is sent."""
    assert not mail.send(to, "s", "m")
    assert "address" in str(mail.error) or "CR" in str(mail.error)
    assert mail.result is None
    assert not server.sent


def test_no_server():
    """False, with the reason."""
    mail = Mail("127.0.0.1:1", US, None, tls=False)
    assert not mail.send(ANN, "s", "m")
    assert "no server" in str(mail.error)


def test_login_and_tls():
    """The password may have colons; TLS is required where `tls` is set, and verified."""
    with MailServer({ANN: "se:cr:et"}, require_auth=True) as server:
        mail = mail_to(server)
        mail.settings.login = f"{ANN}:se:cr:et"
        assert mail.send(ANN, "s", "m")
        assert server.sent[0].user == ANN
        mail.settings.tls = True
        assert not mail.send(ANN, "s", "m")
        assert "TLS" in str(mail.error)
    with MailServer(accept_any=True, tls="starttls") as server:
        mail = mail_to(server)
        mail.settings.tls = True
        assert not mail.send(ANN, "s", "m")
        mail.settings.self_signed_certificate = True
        assert mail.send(ANN, "s", "m")


@pytest.mark.parametrize(
    ("server", "directives"),
    [
        ("mail.test", {"host": "mail.test"}),
        ("mail.test:587", {"host": "mail.test", "port": 587}),
        ("[::1]:25", {"host": "::1", "port": 25}),
        ("[::1]", {"host": "::1"}),
        ("::1", {"host": "::1"}),
    ],
)
def test_servers(server, directives):
    """IPv6 with and without a port, which web2py cannot read."""
    made = Mail(server, US).settings.transport()

    assert {name: made.get(name) for name in ("host", "port") if name in made} == directives


def test_settings_of_a_connection():
    """Each has its directive."""
    settings = Mail("mail.test", US, "us:secret").settings
    settings.ssl, settings.hostname, settings.timeout, settings.debug = True, "us.test", 9, True

    assert settings.transport() == {
        "use": "smtp",
        "host": "mail.test",
        "tls": "ssl",
        "username": "us",
        "password": "secret",
        "timeout": 9,
        "local_hostname": "us.test",
        "debug": True,
    }


def test_logging(caplog, tmp_path):
    """Nothing is sent; with a file, the messages are in it."""
    caplog.set_level("INFO")
    mail = Mail("logging", US)
    assert mail.send(ANN, "Plans", "Noon?")
    assert "Subject: Plans" in caplog.text
    mail.settings.server = f"logging:{tmp_path / 'sent.mbox'}"
    assert mail.send(ANN, "One", "m")
    assert mail.send(ANN, "Two", "m")
    assert [each.subject for each in parse_mbox(tmp_path / "sent.mbox")] == ["One", "Two"]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"server": None}, "settings.server has no value"),
        ({"server": "mail.test:smtp"}, "host:port"),
        ({"server": ":25"}, "host:port"),
        ({"server": "aws"}, "SES"),
        ({"sender": None}, "settings.sender has no value"),
        ({"login": "us"}, "username:password"),
        ({"cipher_type": "rot13"}, "cipher_type"),
    ],
)
def test_wrong_settings(mail, change, match):
    """A mistake of the program raises."""
    for name, value in change.items():
        setattr(mail.settings, name, value)
    with pytest.raises(UsageError, match=match):
        mail.send(ANN, "s", "m")
    with pytest.raises(AttributeError):
        mail.settings.sevrer = "x"
    with pytest.raises(UsageError, match="did you mean 'sign'"):
        mail.send(ANN, "s", "m", sing=True)


def test_connection_is_kept_within_with(mail, server, caplog):
    """Outside, each message has its own."""
    caplog.set_level("INFO", "netmail")
    with mail:
        assert all(mail.send(ANN, "s", "m") for _ in range(3))
    assert len([line for line in caplog.messages if "connected" in line]) == 1
    assert mail.send(ANN, "s", "m")
    assert len([line for line in caplog.messages if "connected" in line]) == 2


def test_outcome_belongs_to_the_thread(mail):
    """Two threads with one mailer do not see each other's outcome."""
    assert not mail.send("no address", "s", "m")
    seen = []
    thread = threading.Thread(target=lambda: seen.append((mail.send(ANN, "s", "m"), mail.error)))
    thread.start()
    thread.join()

    assert seen == [(True, None)]
    assert mail.error is not None


def test_dkim(mail, server):
    """`settings.dkim` has a key and a selector; the domain is the author's."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    mail.settings.dkim = SimpleNamespace(key=key, selector="2026")
    assert mail.send(ANN, "s", "m")
    signature = server.sent[0].mail.headers["DKIM-Signature"]

    assert "d=example.test" in signature
    assert "s=2026" in signature


def test_settings_show_no_secret():
    """Neither the login nor a passphrase nor a key is in what is printed of the settings."""
    mail = Mail("mail.example.org", "us@example.org", "us:hush")
    mail.settings.sign_passphrase = mail.settings.dkim = "hush"
    mail.settings.x509_sign_keyfile = mail.settings.x509_sign_certfile = b"-----BEGIN hush"

    assert "hush" not in repr(mail.settings)
    assert "mail.example.org" in repr(mail.settings)
