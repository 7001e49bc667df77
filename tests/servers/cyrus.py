"""Cyrus IMAP: the second real IMAP server, with the extensions that Dovecot lacks.

This file knows nothing of pytest and of how Cyrus comes here. Cyrus offers ACL, CATENATE, COMPRESS,
LIST-MYRIGHTS, METADATA, OBJECTID, QUOTA and others, and differs from Dovecot in many replies.
"""

import itertools
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

from servers.accounts import USERS, User, fresh
from servers.certificates import Certificates
from servers.cyrus_packages import CyrusPrograms, cyrus_programs
from servers.mail_store import MailPorts, MailStore
from servers.process import SERVICE_USER, START_SECONDS, Process, am_root, free_ports
from servers.templates import fill

ADMIN = User("cyrus", "admin secret")
"""May set quotas and see every mailbox."""


class Cyrus(MailStore):
    """A running Cyrus.

    Attributes:
        admin: The administrator.
    """

    admin = ADMIN

    def __init__(self, folder: Path, ports: MailPorts, programs: CyrusPrograms) -> None:
        super().__init__(ports)
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
        # As that user from its beginning: a change of user makes the kernel forget that it was to
        # end the process with us, and Cyrus would outlive a killed test run.
        self._process = Process(command, folder / "output", user=SERVICE_USER, env=programs.env)

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
        ports = MailPorts(*free_ports(5))
        home = folder / "cyrus"
        _configure(home, ports, certificates, programs)
        server = cls(home, ports, programs)
        server._process.wait_for(ports.all)
        server._wait_for_greetings()
        return server

    def fresh_user(self) -> User:
        """Return a user whose mailbox is empty because nobody had them before."""
        with self._numbering:
            user = fresh(next(self._numbers))
            self._add_user(user)
        return user

    def _wait_for_greetings(self) -> None:
        """Return when a process of each service has accepted the connections that found its port.

        Cyrus 3.6 with a connection that nobody has accepted does not end by a signal: its master
        process then waits for its children in a loop without a pause.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for port in self.ports.all:
            with socket.create_connection((self.host, port), START_SECONDS) as connection:
                if port in {self.ports.imaps, self.ports.pop3s}:
                    with context.wrap_socket(connection) as encrypted:
                        encrypted.recv(1)
                else:
                    connection.recv(1)

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
    folder: Path, ports: MailPorts, certificates: Certificates, programs: CyrusPrograms
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
