"""Cyrus IMAP: the second real IMAP server, with the extensions that Dovecot lacks.

This file knows nothing of pytest and of how Cyrus comes here. Cyrus offers ACL, CATENATE, COMPRESS,
LIST-MYRIGHTS, METADATA, OBJECTID, QUOTA and others, and differs from Dovecot in many replies.
"""

import itertools
import os
import pwd
import shutil
import subprocess
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from servers.accounts import USERS, User, fresh
from servers.certificates import Certificates
from servers.cyrus_packages import CyrusPrograms, cyrus_programs
from servers.mailbox import Mailbox
from servers.process import SERVICE_USER, Process, Server, am_root, free_ports
from servers.templates import fill

ADMIN = User("cyrus", "admin secret")
"""May set quotas and see every mailbox."""


@dataclass(frozen=True, slots=True)
class CyrusPorts:
    """Where Cyrus listens; STARTTLS and STLS are offered on the plain ports."""

    imap: int
    imaps: int
    pop3: int
    pop3s: int
    lmtp: int


class Cyrus(Server):
    """A running Cyrus.

    Attributes:
        host: 127.0.0.1, where the certificate is good.
        ports: The ports.
        users: The users by name, as Dovecot has them.
        admin: The administrator.
    """

    admin = ADMIN

    def __init__(self, folder: Path, ports: CyrusPorts, programs: CyrusPrograms) -> None:
        self.ports = ports
        self.users: Mapping[str, User] = {user.name: user for user in USERS}
        self._folder = folder
        self._programs = programs
        self._numbers = itertools.count(1)
        self._numbering = threading.Lock()
        for user in (*USERS, ADMIN):
            self._add_user(user)
        _give_away(folder)
        command = [
            *(str(programs.daemon("master")), "-D", "-C", str(folder / "imapd.conf")),
            *("-M", str(folder / "cyrus.conf"), "-p", str(folder / "master.pid")),
        ]
        self._process = Process(command, folder / "output", env=programs.env)

    @classmethod
    def start(cls, folder: Path, certificates: Certificates) -> "Cyrus":
        """Configure Cyrus under the folder, start it, and wait until it listens.

        Args:
            folder: One that service users may enter, such as `open_folder()` makes.
            certificates: What it shows its clients.

        Raises:
            ServerMissing: If it is not in the cache and cannot be downloaded.
            ServerFailed: If it does not start.
        """
        programs = cyrus_programs()
        ports = CyrusPorts(*free_ports(5))
        home = folder / "cyrus"
        _configure(home, ports, certificates, programs)
        server = cls(home, ports, programs)
        server._process.wait_for([ports.imap, ports.imaps, ports.pop3, ports.pop3s, ports.lmtp])
        return server

    def user(self, name: str = "alice") -> User:
        """Return the user of that name."""
        return self.users[name]

    def fresh_user(self) -> User:
        """Return a user whose mailbox is empty because nobody had them before."""
        with self._numbering:
            user = fresh(next(self._numbers))
            self._add_user(user)
        return user

    def url(self, scheme: str, user: User | None = None) -> str:
        """Return `imap:`, `imaps:`, `pop3:` or `pop3s:` URL, with credentials where given."""
        userinfo = f"{user.userinfo}@" if user else ""
        return f"{scheme}://{userinfo}localhost:{getattr(self.ports, scheme)}"

    def deliver(self, user: User, *messages: bytes, mailbox: str = "INBOX") -> None:
        """Append messages to a mailbox, in order; they are there when this returns."""
        self.deliver_many(user, messages, mailbox)

    def deliver_many(self, user: User, messages: Iterable[bytes], mailbox: str = "INBOX") -> None:
        """Append messages to a mailbox in one command."""
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

    def _add_user(self, user: User) -> None:
        """Write a password; Cyrus makes the mailbox when the user first logs in."""
        subprocess.run(
            [
                *(str(self._programs.tool("saslpasswd2")), "-p", "-c", "-u", "localhost"),
                *("-f", str(self._folder / "sasldb"), user.name),
            ],
            input=user.password.encode(),
            env=dict(self._programs.env),
            check=True,
            capture_output=True,
        )


def _configure(
    folder: Path, ports: CyrusPorts, certificates: Certificates, programs: CyrusPrograms
) -> None:
    for name in ("conf/socket", "spool", "run", "lock"):
        (folder / name).mkdir(parents=True)
    # The key is read after root is given up.
    shutil.copyfile(certificates.server.certificate, folder / "server.pem")
    shutil.copyfile(certificates.server.key, folder / "server.key")
    user = SERVICE_USER if am_root() else pwd.getpwuid(os.geteuid()).pw_name
    group = "nogroup" if am_root() else str(os.getegid())
    config = folder / "imapd.conf"
    config.write_text(fill("imapd.conf", state=folder, user=user, group=group), "utf-8")
    services = fill(
        "cyrus.conf",
        programs=programs.daemon(""),
        config=config,
        imap=ports.imap,
        imaps=ports.imaps,
        pop3=ports.pop3,
        pop3s=ports.pop3s,
        lmtp=ports.lmtp,
    )
    (folder / "cyrus.conf").write_text(services, "utf-8")


def _give_away(folder: Path) -> None:
    """Let the user that Cyrus becomes own its files."""
    if am_root():
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, SERVICE_USER, "nogroup")
