"""tinyproxy: an HTTP proxy that wants a password and lets CONNECT through to any port.

This file knows no HTTP; it only says how the program is configured.
"""

from pathlib import Path

from servers.accounts import User
from servers.process import LOOPBACK, SERVICE_USER, Process, Server, find_program, free_ports
from servers.templates import fill

PROXY_USER = User("tiny", "proxypass")
"""tinyproxy's configuration takes letters and digits only."""


class Tinyproxy(Server):
    """A running tinyproxy.

    Attributes:
        host: 127.0.0.1.
        port: The port.
        user: The name and the password that it wants.
    """

    user = PROXY_USER

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        config = folder / "tinyproxy.conf"
        config.write_text(
            fill(
                "tinyproxy.conf",
                host=LOOPBACK,
                port=port,
                name=PROXY_USER.name,
                password=PROXY_USER.password,
            )
        )
        command = [find_program("tinyproxy", "tinyproxy-bin"), "-d", "-c", str(config)]
        self._process = Process(command, folder / "tinyproxy.log", SERVICE_USER)

    @classmethod
    def start(cls, folder: Path) -> "Tinyproxy":
        """Start it and wait until it listens.

        Raises:
            ServerMissing: If Debian's package is missing.
            ServerFailed: If it does not start.
        """
        server = cls(folder, free_ports(1)[0])
        server._process.wait_for([server.port])
        return server

    def url(self, user: User | None = PROXY_USER) -> str:
        """Return the `http:` URL of the proxy, with the right credentials or those given."""
        userinfo = f"{user.userinfo}@" if user else ""
        return f"http://{userinfo}{self.host}:{self.port}"
