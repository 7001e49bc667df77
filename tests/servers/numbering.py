"""A server that takes messages by DATA and BDAT, and keeps which ones.

This file knows as much SMTP as a client needs that sends what `support.numbered` has.
"""

import socket
import threading

from servers.process import LOOPBACK


class NumberingServer:
    """A server that takes messages by DATA and BDAT and keeps the number of each.

    Attributes:
        taken: The number of each message that it is responsible for, in order.
        port: Its port.
    """

    def __init__(self, extensions):
        self.taken = []
        self._extensions = extensions
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        """Take no more clients, and wait for the last to leave."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with client, client.makefile("rb") as lines:
                try:
                    self._converse(client, lines)
                except OSError:
                    continue

    def _converse(self, client, lines):
        client.sendall(b"220 mx\r\n")
        number = -1
        for line in lines:
            verb, _, rest = line.partition(b" ")
            reply = b"250 Ok\r\n"
            if verb == b"EHLO":
                reply = b"".join(b"250-%s\r\n" % each for each in self._extensions) + b"250 mx\r\n"
            elif verb == b"RCPT":
                number = int(rest[5:].partition(b"@")[0])
            elif verb == b"BDAT":
                lines.read(int(rest.split()[0]))
                self.taken.append(number)
            elif line == b"DATA\r\n":
                client.sendall(b"354 go\r\n")
                while (each := lines.readline()) != b".\r\n":
                    if not each:
                        return
                self.taken.append(number)
            client.sendall(reply)
