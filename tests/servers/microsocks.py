"""microsocks: a SOCKS5 proxy that wants a password.

This file knows no SOCKS; it only says how the program is started.
"""

from pathlib import Path

from servers.accounts import User
from servers.process import LOOPBACK, SERVICE_USER, Process, Server, find_program, free_ports

PROXY_USER = User("micro", "sockspass")


class Microsocks(Server):
    """A running microsocks.

    Attributes:
        host: 127.0.0.1.
        port: The port.
        user: The name and the password that it wants.
    """

    user = PROXY_USER

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        program = find_program("microsocks", "microsocks")
        login = ["-u", PROXY_USER.name, "-P", PROXY_USER.password]
        command = [program, "-i", LOOPBACK, "-p", str(port), *login]
        self._process = Process(command, folder / "microsocks.log", SERVICE_USER)

    @classmethod
    def start(cls, folder: Path) -> "Microsocks":
        """Start it and wait until it listens.

        Raises:
            ServerMissing: If Debian's package is missing.
            ServerFailed: If it does not start.
        """
        server = cls(folder, free_ports(1)[0])
        server._process.wait_for([server.port])
        return server

    def url(self, user: User | None = PROXY_USER, scheme: str = "socks5") -> str:
        """Return the `socks5:` URL of the proxy, with the right credentials or those given."""
        userinfo = f"{user.userinfo}@" if user else ""
        return f"{scheme}://{userinfo}{self.host}:{self.port}"
