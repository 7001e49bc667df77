"""Dovecot: IMAP and POP3, in clear, by STARTTLS and by TLS, and LMTP for Postfix.

This file knows nothing of SMTP and of pytest. Mail is put in over IMAP's MULTIAPPEND, 20,000
messages in one command, so that it does not matter how Dovecot stores it.
"""

import getpass
import grp
import itertools
import os
import pwd
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from servers.accounts import FRESH_PASSWORD, FRESH_PREFIX, USERS, User, fresh
from servers.certificates import Certificates, Pair
from servers.mailbox import Mailbox
from servers.process import (
    LOOPBACK,
    SERVICE_USER,
    Process,
    Server,
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
SELF_SIGNED_HOST = "127.0.0.2"
EXPIRED_HOST = "127.0.0.3"
OTHER_HOST = "127.0.0.4"
HOSTS = (LOOPBACK, SELF_SIGNED_HOST, EXPIRED_HOST, OTHER_HOST)


@dataclass(frozen=True, slots=True)
class DovecotPorts:
    """Where Dovecot listens; STARTTLS and STLS are offered on the plain ports."""

    imap: int
    imaps: int
    pop3: int
    pop3s: int
    lmtp: int


class Dovecot(Server):
    """A running Dovecot.

    Attributes:
        host: 127.0.0.1, where the certificate is good.
        self_signed_host: 127.0.0.2, the same ports with a self-signed certificate.
        expired_host: 127.0.0.3, the same ports with an expired one.
        other_host: 127.0.0.4, the same ports with a certificate for another name.
        ports: The ports.
        users: The users by name: alice, bob, carol (a difficult password).
        certificates: All certificates; `ca_file` is the one to trust.
        config: Its configuration, for its delivery program.
        auth_socket: Dovecot's SASL service, for Postfix.
    """

    self_signed_host = SELF_SIGNED_HOST
    expired_host = EXPIRED_HOST
    other_host = OTHER_HOST

    def __init__(self, folder: Path, ports: DovecotPorts, certificates: Certificates) -> None:
        self.ports = ports
        self.certificates = certificates
        self.users: Mapping[str, User] = {user.name: user for user in USERS}
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
    def start(cls, folder: Path, certificates: Certificates | None = None) -> "Dovecot":
        """Configure Dovecot under the folder, start it, and wait until it listens.

        Args:
            folder: One that service users may enter, such as `open_folder()` makes.
            certificates: `None` generates them.

        Raises:
            ServerMissing: If a Debian package is missing.
            ServerFailed: If it does not start.
        """
        _check_installed()
        certificates = certificates or Certificates.generate(folder)
        ports = DovecotPorts(*free_ports(5))
        home = folder / "dovecot"
        _configure(home, ports, certificates)
        server = cls(home, ports, certificates)
        server._process.wait_for([ports.imap, ports.imaps, ports.pop3, ports.pop3s, ports.lmtp])
        return server

    @property
    def ca_file(self) -> Path:
        """What a client is to trust."""
        return self.certificates.ca_file

    def user(self, name: str = "alice") -> User:
        """Return the person of that name."""
        return self.users[name]

    def fresh_user(self) -> User:
        """Return a user whose mailbox is empty because nobody had them before.

        It is opened once here: where LMTP and IMAP come first at the same moment, both make it,
        and the one that is late fails with "Mailbox already exists".
        """
        with self._numbering:
            user = fresh(next(self._numbers))
        self.messages(user)
        return user

    def url(self, scheme: str, user: User | None = None, host: str = "localhost") -> str:
        """Return `imap:`, `imaps:`, `pop3:` or `pop3s:` URL, with credentials where given."""
        userinfo = f"{user.userinfo}@" if user else ""
        return f"{scheme}://{userinfo}{host}:{getattr(self.ports, scheme)}"

    def deliver(self, user: User, *messages: bytes, mailbox: str = "INBOX") -> None:
        """Append messages to a mailbox, in order; they are there when this returns."""
        self.deliver_many(user, messages, mailbox)

    def deliver_many(self, user: User, messages: Iterable[bytes], mailbox: str = "INBOX") -> None:
        """Append messages to a mailbox in one command; 20,000 take half a second."""
        with self._mailbox(user, mailbox) as opened:
            opened.append(messages)

    def messages(self, user: User, count: int = 0, mailbox: str = "INBOX") -> list[bytes]:
        """Return a mailbox's messages as they are stored, having waited for so many.

        Raises:
            TimeoutError: If they do not come.
        """
        with self._mailbox(user, mailbox) as opened:
            return opened.wait(count)

    def _mailbox(self, user: User, mailbox: str) -> Mailbox:
        return Mailbox((self.host, self.ports.imap), user, mailbox)


def _check_installed() -> None:
    find_program("dovecot", "dovecot-core")
    for service, package in PACKAGES.items():
        if not (LIBEXEC / service).exists():
            raise ServerMissing(f"{LIBEXEC / service} is missing: install Debian's {package}")


def _configure(folder: Path, ports: DovecotPorts, certificates: Certificates) -> None:
    for name in ("run", "mail"):
        (folder / name).mkdir(parents=True)
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
