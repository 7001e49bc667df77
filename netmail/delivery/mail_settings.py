"""The settings of web2py's mailer, and the transport that they describe.

This file must not know messages.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from netmail import AddressInput, UsageError

CertificateFile: TypeAlias = str | bytes | os.PathLike[str]
"""The path of a certificate or key, or its content: PEM, or DER as bytes."""


@dataclass(slots=True)
class MailSettings:
    """The settings of `Mail`, by web2py's names; another name is an `AttributeError`.

    Attributes:
        server: "host", "host:port" or "[address]:port"; "logging", "logging:FILE", or "gae".
        sender: The author, unless `send()` gets one.
        login: "username:password", or `None`.
        tls: Whether the connection must become TLS by STARTTLS.
        ssl: Whether it is TLS from the beginning.
        timeout: Seconds that one reply may take.
        hostname: The name of this host for EHLO; `None` for its own.
        self_signed_certificate: Do not verify the server's certificate.
        list_unsubscribe: The address or URL of List-Unsubscribe.
        debug: Print the session to standard error, credentials hidden.
        dkim: An object with `key` (PEM) and `selector`; each message is signed for the domain of
            its author.
        cipher_type: "x509" (S/MIME), "gpg" (PGP/MIME), or `None`.
        gpg_home: The folder of GnuPG's keys; `None` for the user's own.
        sign: Whether to sign, if there is a `cipher_type`.
        sign_passphrase: The passphrase of the key.
        encrypt: Whether to encrypt, if there is a `cipher_type`.
        x509_sign_keyfile: The private key: a path, or the content.
        x509_sign_certfile: Its certificate; `None` if it is in the key's file.
        x509_sign_chainfile: The certificates above it, in one file or several.
        x509_nocerts: Whether to leave the certificates out of the signature.
        x509_crypt_certfiles: The recipients' certificates: one or several, which are found by the
            addresses in them, or a dictionary by address.
    """

    server: str | None = None
    sender: AddressInput | None = None
    login: str | None = field(default=None, repr=False)
    tls: bool = True
    ssl: bool = False
    timeout: float = 30
    hostname: str | None = None
    self_signed_certificate: bool = False
    list_unsubscribe: str | None = None
    debug: bool = False
    dkim: Any = field(default=None, repr=False)
    cipher_type: str | None = None
    gpg_home: str | None = None
    sign: bool = True
    sign_passphrase: str | None = field(default=None, repr=False)
    encrypt: bool = True
    # Not shown: where they are contents and no paths, the private key is in one of them or in both.
    x509_sign_keyfile: CertificateFile | None = field(default=None, repr=False)
    x509_sign_certfile: CertificateFile | None = field(default=None, repr=False)
    x509_sign_chainfile: CertificateFile | Sequence[CertificateFile] | None = None
    x509_nocerts: bool = False
    x509_crypt_certfiles: (
        CertificateFile | Sequence[CertificateFile] | Mapping[str, CertificateFile] | None
    ) = None

    def transport(self) -> dict[str, object]:
        """Return the directives of the transport that these settings describe.

        Raises:
            UsageError: If there is no server, or it is not to be understood.
        """
        server = self.server
        if not isinstance(server, str) or not server:
            raise UsageError("settings.server has no value")
        # These three are no hosts. A host of the name "logging" is written with its domain.
        name, _, rest = server.partition(":")
        if name == "logging":
            return {"use": "mbox", "file": rest} if rest else {"use": "log"}
        if server == "gae":
            return {"use": "appengine"}
        if server == "aws":
            raise UsageError('settings.server "aws": give the host of its SMTP servers, as of SES')
        return {"use": "smtp", **_host_and_port(server), **self._connection()}

    def _connection(self) -> dict[str, object]:
        username, found, password = (self.login or "").partition(":")
        if self.login and not found:
            raise UsageError('settings.login is "username:password"')
        # A directive that is `None` is left out, so that netmail's default holds.
        given = {
            "tls": "ssl" if self.ssl else "required" if self.tls else "none",
            "username": username or None,
            "password": password or None,
            "timeout": self.timeout,
            "local_hostname": self.hostname,
            "debug": self.debug or None,
            "verify_peer": False if self.self_signed_certificate else None,
        }
        return {name: value for name, value in given.items() if value is not None}


def _host_and_port(server: str) -> dict[str, object]:
    """Split "host:port"; an IPv6 address with a port is in brackets."""
    host, bracket, rest = server.removeprefix("[").partition("]")
    # Colons without brackets are an IPv6 address without a port.
    if bracket:
        port = rest.removeprefix(":")
    elif server.count(":") > 1:
        port = ""
    else:
        host, _, port = server.partition(":")
    if not host or (port and not (port.isascii() and port.isdecimal())):
        raise UsageError(f'settings.server is "host" or "host:port", not {server!r}')
    return {"host": host, "port": int(port)} if port else {"host": host}
