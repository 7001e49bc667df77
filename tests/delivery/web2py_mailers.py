"""Mailers of web2py with the settings of its pages on signing and encryption.

This file must not know what is tested.
"""

from urllib.parse import urlsplit

from netmail.delivery import Mail
from support.crypto_certificates import ANN

SECRET = "se cret ä"
"""The passphrase of Ann's key."""


def mailer(server, **settings):
    """Return a mailer of Ann's with some settings."""
    mail = Mail(f"127.0.0.1:{urlsplit(server.smtp_url).port}", ANN, None, tls=False)
    for name, value in settings.items():
        setattr(mail.settings, name, value)
    return mail


def x509(server, files, *readers, **settings):
    """Return a mailer as web2py's page on x509 configures it."""
    names = {
        "cipher_type": "x509",
        "sign": True,
        "sign_passphrase": SECRET,
        "encrypt": bool(readers),
        "x509_sign_keyfile": str(files / "ann.key"),
        "x509_sign_certfile": str(files / f"{ANN}.pem"),
        "x509_crypt_certfiles": [str(files / f"{each}.pem") for each in readers],
    }
    return mailer(server, **names | settings)


def gpg(server, home, **settings):
    """Return a mailer as web2py's page on PGP configures it."""
    return mailer(server, cipher_type="gpg", gpg_home=str(home), **settings)
