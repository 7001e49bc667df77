"""A Kerberos realm: a KDC that gives tickets to the users, and the keys of mail servers.

This file knows no mail protocol, only the names of their services. The machine's own Kerberos
configuration, keys and tickets are not touched.
"""

import os
import subprocess
from pathlib import Path
from typing import ClassVar

from servers.accounts import USERS, User
from servers.process import LOOPBACK, Process, Server, find_program, free_ports
from servers.templates import fill

REALM = "EXAMPLE.TEST"
SERVICES = ("imap", "pop", "smtp")
"""GSSAPI's service names of the three protocols: RFC 9051 section 6.2.2, RFC 5034 section 4,
RFC 4954 section 4."""
COMMAND_SECONDS = 30.0


class Kerberos(Server):
    """A running KDC, which knows all users by their passwords.

    Attributes:
        users: The users by name.
        config: Its clients' and servers' configuration, for KRB5_CONFIG.
        keytab: The keys of the mail servers on localhost.
    """

    users: ClassVar = {user.name: user for user in USERS}

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.config = folder / "krb5.conf"
        self.keytab = folder / "keytab"
        folder.mkdir()
        places = {"realm": REALM, "host": LOOPBACK, "port": free_ports(1)[0]}
        self._port = places["port"]
        self.config.write_text(fill("krb5.conf", **places))
        (folder / "kdc.conf").write_text(fill("kdc.conf", folder=folder, **places))
        self._make_principals()
        command = [find_program("krb5kdc", "krb5-kdc"), "-n"]
        self._process = Process(command, folder / "output", env=self._environment)

    @classmethod
    def start(cls, folder: Path) -> "Kerberos":
        """Make the realm under the folder, and wait until its KDC listens.

        Args:
            folder: One that service users may enter, such as `open_folder()` makes.

        Raises:
            ServerMissing: If a Debian package is missing.
            ServerFailed: If it does not start.
        """
        server = cls(folder / "kerberos")
        server._process.wait_for([server._port])
        return server

    def ticket(self, user: User) -> Path:
        """Log a user in by kinit, and return the file of tickets, for KRB5CCNAME."""
        path = self._folder / f"tickets-{user.name}"
        program = find_program("kinit", "krb5-user")
        self._run([program, "-c", f"FILE:{path}", user.name], f"{user.password}\n")
        return path

    def _make_principals(self) -> None:
        """Make the realm's database, and the keys of users and servers."""
        services = [f"{service}/localhost" for service in SERVICES]
        lines = [f"addprinc -pw {_quoted(user.password)} {user.name}" for user in USERS]
        lines += [f"addprinc -randkey {name}" for name in services]
        lines.append(f"ktadd -k {self.keytab} {' '.join(services)}")
        self._run([find_program("kdb5_util", "krb5-kdc"), "create", "-s", "-P", "master"])
        self._run([find_program("kadmin.local", "krb5-admin-server")], "\n".join(lines) + "\n")
        # Dovecot reads it after it has given up root.
        self.keytab.chmod(0o644)

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "KRB5_CONFIG": str(self.config),
            "KRB5_KDC_PROFILE": str(self._folder / "kdc.conf"),
            "PATH": os.defpath,
        }

    def _run(self, command: list[str], text: str = "") -> None:
        subprocess.run(
            command,
            input=text.encode(),
            env=self._environment,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=True,
        )


def _quoted(password: str) -> str:
    """Write a password as an argument of a line of kadmin's."""
    return '"' + password.replace('"', '""') + '"'
