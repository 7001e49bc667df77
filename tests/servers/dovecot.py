"""Dovecot: IMAP and POP3, in clear, by STARTTLS and by TLS, and LMTP for Postfix.

This file knows nothing of SMTP and of pytest. Mail is put in over IMAP's MULTIAPPEND, 20,000
messages in one command, so that it does not matter how Dovecot stores it.
"""

import base64
import getpass
import grp
import hmac
import itertools
import json
import os
import pwd
import threading
import time
from pathlib import Path

from servers.accounts import FRESH_PASSWORD, FRESH_PREFIX, USERS, User, fresh
from servers.certificates import Certificates, Pair
from servers.kerberos import Kerberos
from servers.mail_store import MailPorts, MailStore
from servers.process import (
    LOOPBACK,
    SERVICE_USER,
    Process,
    ServerMissing,
    am_root,
    find_program,
    free_ports,
)
from servers.templates import fill

PACKAGES = {
    "imap": "dovecot-imapd",
    "pop3": "dovecot-pop3d",
    "lmtp": "dovecot-lmtpd",
}
LIBEXEC = Path("/usr/lib/dovecot")
LDA = LIBEXEC / "dovecot-lda"
GSSAPI = LIBEXEC / "modules" / "auth" / "libmech_gssapi.so"
PASSWORD_MECHANISMS = (
    *("plain", "login", "cram-md5", "digest-md5", "scram-sha-1", "scram-sha-256", "apop"),
)
MORE_MECHANISMS = ("external", "xoauth2", "oauthbearer")
TOKEN_KEY = b"a key of netmail's tests, of no other use"
TOKEN_KEY_ID = "first"
SELF_SIGNED_HOST = "127.0.0.2"
EXPIRED_HOST = "127.0.0.3"
OTHER_HOST = "127.0.0.4"
HOSTS = (LOOPBACK, SELF_SIGNED_HOST, EXPIRED_HOST, OTHER_HOST)


class Dovecot(MailStore):
    """A running Dovecot.

    Attributes:
        self_signed_host: 127.0.0.2, the same ports with a self-signed certificate.
        expired_host: 127.0.0.3, the same ports with an expired one.
        other_host: 127.0.0.4, the same ports with a certificate for another name.
        certificates: All certificates; `ca_file` is the one to trust.
        config: Its configuration, for its delivery program.
        auth_socket: Dovecot's SASL service, for Postfix.
    """

    self_signed_host = SELF_SIGNED_HOST
    expired_host = EXPIRED_HOST
    other_host = OTHER_HOST

    def __init__(self, folder: Path, ports: MailPorts, certificates: Certificates) -> None:
        super().__init__(ports)
        self.certificates = certificates
        self.auth_socket = folder / "run" / "auth-client"
        self._numbers = itertools.count(1)
        self._numbering = threading.Lock()
        self.config = folder / "dovecot.conf"
        log = folder / "dovecot.log"
        self._process = Process(
            [find_program("dovecot", "dovecot-core"), "-F", "-c", str(self.config)],
            folder / "output",
        )
        self._process.extra_logs.append(log)

    @classmethod
    def start(
        cls,
        folder: Path,
        certificates: Certificates | None = None,
        *,
        more_logins: bool = False,
        kerberos: Kerberos | None = None,
    ) -> "Dovecot":
        """Configure Dovecot under the folder, start it, and wait until it listens.

        Args:
            folder: One that service users may enter, such as `open_folder()` makes.
            certificates: `None` generates them.
            more_logins: Whether a client certificate, and `token()`, log in too.
            kerberos: The realm whose tickets log in too.

        Raises:
            ServerMissing: If a Debian package is missing.
            ServerFailed: If it does not start.
        """
        _check_installed(kerberos)
        certificates = certificates or Certificates.generate(folder)
        ports = MailPorts(*free_ports(5))
        home = folder / "dovecot"
        mechanisms, more = list(PASSWORD_MECHANISMS), ""
        home.mkdir()
        if more_logins:
            mechanisms += MORE_MECHANISMS
            more += _more_logins(home, certificates)
        if kerberos is not None:
            mechanisms.append("gssapi")
            more += _tickets(kerberos)
        _configure(home, ports, certificates, mechanisms=" ".join(mechanisms), more_logins=more)
        server = cls(home, ports, certificates)
        server._process.wait_for(ports.all)
        return server

    @property
    def ca_file(self) -> Path:
        """What a client is to trust."""
        return self.certificates.ca_file

    def fresh_user(self) -> User:
        """Return a user whose mailbox is empty because nobody had them before.

        It is opened once here: where LMTP and IMAP come first at the same moment, both make it,
        and the one that is late fails with "Mailbox already exists".
        """
        with self._numbering:
            user = fresh(next(self._numbers))
        self.messages(user)
        return user


def token(user: User, *, seconds: int = 3600) -> str:
    """Make a JSON web token (RFC 7519) that Dovecot accepts with `more_logins`."""
    now = int(time.time())
    parts = [
        {"alg": "HS256", "typ": "JWT", "kid": TOKEN_KEY_ID},
        {"sub": user.name, "iat": now - 10, "exp": now + seconds, "azp": "netmail"},
    ]
    signed = b".".join(_base64url(json.dumps(part).encode()) for part in parts)
    signature = hmac.digest(TOKEN_KEY, signed, "sha256")
    return (signed + b"." + _base64url(signature)).decode()


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _more_logins(folder: Path, certificates: Certificates) -> str:
    """Let a client certificate's common name, and tokens signed with our key, log in."""
    keys = folder / "keys" / "netmail" / "HS256"
    keys.mkdir(parents=True)
    (keys / TOKEN_KEY_ID).write_bytes(base64.b64encode(TOKEN_KEY))
    settings = folder / "oauth2.conf"
    settings.write_text(
        "introspection_mode = local\n"
        f"local_validation_key_dict = fs:posix:prefix={folder / 'keys'}/\n"
        "username_attribute = sub\n",
        "utf-8",
    )
    return (
        f"ssl_ca = <{certificates.ca_file}\n"
        "ssl_require_crl = no\n"
        "ssl_verify_client_cert = yes\n"
        "auth_ssl_username_from_cert = yes\n"
        "passdb {\n  driver = static\n  mechanisms = external\n  args = nopassword=y\n}\n"
        "passdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n"
        f"  args = {settings}\n}}\n"
    )


def _tickets(kerberos: Kerberos) -> str:
    """Let tickets for any of the keys log in; Dovecot's processes see no other environment."""
    return (
        # Without a cache of the tickets that were shown: it would be a file of the whole machine.
        f"import_environment = TZ KRB5_CONFIG={kerberos.config} KRB5RCACHENAME=none:\n"
        f"auth_krb5_keytab = {kerberos.keytab}\n"
        'auth_gssapi_hostname = "$ALL"\n'
    )


def _check_installed(kerberos: Kerberos | None) -> None:
    find_program("dovecot", "dovecot-core")
    for service, package in PACKAGES.items():
        if not (LIBEXEC / service).exists():
            raise ServerMissing(f"{LIBEXEC / service} is missing: install Debian's {package}")
    if kerberos is not None and not GSSAPI.exists():
        raise ServerMissing(f"{GSSAPI} is missing: install Debian's dovecot-gssapi")


def _configure(
    folder: Path, ports: MailPorts, certificates: Certificates, *, mechanisms: str, more_logins: str
) -> None:
    for name in ("run", "mail"):
        (folder / name).mkdir()
    mail_user, mail_group = _mail_user()
    if am_root():
        os.chown(folder / "mail", *_ids(mail_user))
    passwords = folder / "passwords"
    lines = [f"{user.name}:{{PLAIN}}{user.password}::::::nodelay=y\n" for user in USERS]
    passwords.write_text("".join(lines), "utf-8")
    config = fill(
        "dovecot.conf",
        run=folder / "run",
        log=folder / "dovecot.log",
        mail=folder / "mail",
        passwords=passwords,
        hosts=", ".join(HOSTS),
        mechanisms=mechanisms,
        more_logins=more_logins,
        mail_user=mail_user,
        mail_group=mail_group,
        internal_users=_internal_users(),
        certificates=_certificates(certificates),
        fresh_password=FRESH_PASSWORD,
        fresh_prefix=FRESH_PREFIX,
        imap=ports.imap,
        imaps=ports.imaps,
        pop3=ports.pop3,
        pop3s=ports.pop3s,
        lmtp=ports.lmtp,
    )
    (folder / "dovecot.conf").write_text(config, "utf-8")


def _mail_user() -> tuple[str, str]:
    """Return the user and group that own the mail; Dovecot refuses root."""
    if am_root():
        return SERVICE_USER, "nogroup"
    return getpass.getuser(), grp.getgrgid(os.getgid()).gr_name


def _ids(name: str) -> tuple[int, int]:
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid


def _internal_users() -> str:
    """Return what lets Dovecot run without root: everything under our own name."""
    if am_root():
        return ""
    name, group = _mail_user()
    return (
        f"default_internal_user = {name}\n"
        f"default_internal_group = {group}\n"
        f"default_login_user = {name}"
    )


def _certificates(certificates: Certificates) -> str:
    """Return one certificate for each address we listen on, the good one first."""
    by_host = {
        SELF_SIGNED_HOST: certificates.self_signed,
        EXPIRED_HOST: certificates.expired,
        OTHER_HOST: certificates.other_host,
    }
    blocks = [_certificate(certificates.server)]
    blocks += [f"local {host} {{\n{_certificate(pair)}}}\n" for host, pair in by_host.items()]
    return "".join(blocks)


def _certificate(pair: Pair) -> str:
    return f"ssl_cert = <{pair.certificate}\nssl_key = <{pair.key}\n"
