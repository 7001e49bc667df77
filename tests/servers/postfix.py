"""Postfix: an instance of its own that takes mail by SMTP and hands it to Dovecot by LMTP.

This file knows Dovecot only by its ports and its SASL socket, and nothing of pytest. The machine's
own Postfix, its configuration and its queue are not touched.
"""

import grp
import os
import pwd
import time
from dataclasses import dataclass
from pathlib import Path

from servers.accounts import CAROL, DOMAIN, FRESH_PREFIX, USERS, User
from servers.certificates import Certificates
from servers.dovecot import LDA, Dovecot
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

MASTER = Path("/usr/lib/postfix/sbin/master")
LIFE_SECONDS = "3600"
"""Postfix changes users back and forth, at which the kernel forgets to end it with us; so an
orphan of a killed test run ends by itself."""
SIZE_LIMIT = 20_000_000
UNICODE_NAME = "ünï"
BUSY = f"busy@{DOMAIN}"
FULL = f"full@{DOMAIN}"
BANNED = f"banned@{DOMAIN}"
REJECT_HEADER = "X-Netmail-Reject"
QUEUE_FOLDERS = (
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
)


@dataclass(frozen=True, slots=True)
class PostfixPorts:
    """Where Postfix listens.

    Attributes:
        smtp: In clear, no STARTTLS; AUTH is offered and needed only to send elsewhere.
        submission: STARTTLS and then AUTH are demanded (at RCPT).
        smtps: Implicit TLS; AUTH is demanded (at RCPT).
        client_certificate: Implicit TLS; the client must show a certificate; no AUTH is offered.
        impatient: In clear; a client that is idle for a second gets 421.
    """

    smtp: int
    submission: int
    smtps: int
    client_certificate: int
    impatient: int


class Postfix(Server):
    """A running Postfix.

    Attributes:
        host: 127.0.0.1.
        ports: The ports.
        dovecot: Where the mail goes, and whose users may log in.
        config: The folder of its configuration, for its programs.
        size_limit: The SIZE it announces, in octets.
        domain: The only domain it delivers to: the users'.
        unknown: An address that it refuses at RCPT with 550 5.1.1.
        unicode_address: An address that needs SMTPUTF8; it delivers to carol.
        busy: An address that it refuses at RCPT with 450 4.2.1, for a while only.
        full: An address that it refuses at RCPT with 552 5.2.2.
        banned: An address that it refuses as sender, at MAIL, with 554 5.7.1.
        reject_header: A header field that makes it refuse the message after DATA with 550 5.7.1.
    """

    size_limit = SIZE_LIMIT
    domain = DOMAIN
    unknown = f"unknown@{DOMAIN}"
    unicode_address = f"{UNICODE_NAME}@{DOMAIN}"
    busy = BUSY
    full = FULL
    banned = BANNED
    reject_header = REJECT_HEADER

    def __init__(self, folder: Path, ports: PostfixPorts, dovecot: Dovecot) -> None:
        self.ports = ports
        self.dovecot = dovecot
        self.config = folder / "config"
        config = str(self.config)
        self._process = Process(
            [str(MASTER), "-d", "-e", LIFE_SECONDS, "-c", config],
            folder / "output",
            env={"MAIL_CONFIG": config, "PATH": os.defpath, "LANG": "C"},
        )
        self._process.extra_logs.append(folder / "log")

    @classmethod
    def start(cls, folder: Path, dovecot: Dovecot) -> "Postfix":
        """Configure Postfix under the folder, start it, and wait until it listens.

        Args:
            folder: One that service users may enter, such as `open_folder()` makes.
            dovecot: A running Dovecot.

        Raises:
            ServerMissing: If Debian's package is missing, or we are not root.
            ServerFailed: If it does not start.
        """
        _check_installed()
        ports = PostfixPorts(*free_ports(5))
        home = folder / "postfix"
        _configure(home, ports, dovecot)
        _make_queue(home)
        server = cls(home, ports, dovecot)
        server._process.wait_for(
            [ports.smtp, ports.submission, ports.smtps, ports.client_certificate, ports.impatient]
        )
        return server

    @property
    def certificates(self) -> Certificates:
        """All certificates; the `server` one is used on every port."""
        return self.dovecot.certificates

    @property
    def ca_file(self) -> Path:
        """What a client is to trust."""
        return self.dovecot.certificates.ca_file

    def url(self, scheme: str, user: User | None = None, host: str = "localhost") -> str:
        """Return an `smtp:` or `smtps:` URL, with credentials where given.

        `submission` as the scheme gives the `smtp:` URL of the submission port.
        """
        userinfo = f"{user.userinfo}@" if user else ""
        shown = "smtps" if scheme == "smtps" else "smtp"
        return f"{shown}://{userinfo}{host}:{getattr(self.ports, scheme)}"


def _check_installed() -> None:
    find_program("postconf", "postfix")
    if not MASTER.exists():
        raise ServerMissing(f"{MASTER} is missing: install Debian's package postfix")
    if not am_root():
        raise ServerMissing("Postfix's master must be started by root: run the tests as root")


def _configure(home: Path, ports: PostfixPorts, dovecot: Dovecot) -> None:
    config = home / "config"
    config.mkdir(parents=True)
    pair = dovecot.certificates.server
    main = fill(
        "main.cf",
        home=home,
        queue=home / "queue",
        data=home / "data",
        log=home / "log",
        host=LOOPBACK,
        domain=DOMAIN,
        lmtp=dovecot.ports.lmtp,
        size_limit=SIZE_LIMIT,
        auth_socket=dovecot.auth_socket,
        certificate=pair.certificate,
        key=pair.key,
        ca_file=dovecot.ca_file,
    )
    services = fill(
        "master.cf",
        host=LOOPBACK,
        processes=200,
        service_user=SERVICE_USER,
        lda=LDA,
        lda_config=dovecot.config,
        smtp=ports.smtp,
        submission=ports.submission,
        smtps=ports.smtps,
        client_certificate=ports.client_certificate,
        impatient=ports.impatient,
    )
    (config / "main.cf").write_text(main)
    (config / "master.cf").write_text(services)
    _write_tables(home)
    _age([config / "main.cf", config / "master.cf"])


def _write_tables(home: Path) -> None:
    """Write the users and what is refused, as regular expressions: they need no compiling."""
    names = "|".join(user.name for user in USERS)
    at = f"@{DOMAIN.replace('.', '[.]')}$/"
    tables = {
        "recipients": f"/^({names}|busy|full|{FRESH_PREFIX}[0-9]+)([+][^@]+)?{at} here\n",
        "recipient_access": (
            f"/^busy{at} 450 4.2.1 Mailbox is busy\n/^full{at} 552 5.2.2 Mailbox is full\n"
        ),
        "transport": f"/[+]utf8{at} lda:\n",
        "aliases": f"/^{UNICODE_NAME}{at} {CAROL.name}+utf8@{DOMAIN}\n",
        "sender_access": f"/^banned{at} 554 5.7.1 Sender is banned\n",
        "header_checks": f"/^{REJECT_HEADER}:/ REJECT Content is refused\n",
    }
    for name, content in tables.items():
        (home / name).write_text(content, "utf-8")
    _age([home / name for name in tables])


def _age(files: list[Path]) -> None:
    """Make files look a minute old.

    Postfix reads a younger one again and again, 0.3 s apart, in case somebody still writes it.
    """
    past = time.time() - 60
    for file in files:
        os.utime(file, (past, past))


def _make_queue(home: Path) -> None:
    """Make the folders that `postfix start` would make, with their owners and rights."""
    postfix = pwd.getpwnam("postfix")
    postdrop = grp.getgrnam("postdrop").gr_gid
    queue = home / "queue"
    queue.mkdir()
    (queue / "pid").mkdir()
    modes = dict.fromkeys((*QUEUE_FOLDERS, "../data"), 0o700)
    modes |= {"public": 0o710, "maildrop": 0o730}
    for folder, mode in modes.items():
        path = queue / folder
        path.mkdir()
        group = postdrop if mode & 0o070 else postfix.pw_gid
        os.chown(path, postfix.pw_uid, group)
        path.chmod(mode)
