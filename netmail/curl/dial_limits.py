"""How much a server may send while libcurl connects, before netmail's own reader sees an octet.

This file must not know a protocol, nor libcurl: it counts lines and octets.
"""

from typing import Literal

from netmail.errors import ProtocolError
from netmail.limits import ServerLimits


class DialLimits:
    """Count what the server sends while one connection is made.

    Args:
        limits: How much it may send.
    """

    def __init__(self, limits: ServerLimits) -> None:
        self._limits = limits
        self._octets = 0
        self._lines = 0

    def count(self, side: Literal["C", "S"], data: bytes) -> None:
        """Count a line or several, before they are kept.

        Raises:
            ProtocolError: If the server has sent more than `limits.line`, `limits.lines` or
                `limits.handshake` allows.
        """
        if side == "C":
            self._lines = 0  # the server's next lines reply to this one
            return
        self._octets += len(data)
        self._lines += data.count(b"\n")
        limits = self._limits
        if len(data) > limits.line and max(map(len, data.split(b"\n"))) > limits.line:
            raise _exceeded("line", f"a line of more than {limits.line} octets", data)
        if self._lines > limits.lines:
            raise _exceeded("lines", f"a reply of more than {limits.lines} lines", data)
        if self._octets > limits.handshake:
            what = f"more than {limits.handshake} octets before the login was done"
            raise _exceeded("handshake", what, data)


def _exceeded(name: str, what: str, data: bytes) -> ProtocolError:
    return ProtocolError(f"{what}; raise limits.{name} if it is meant", data)
