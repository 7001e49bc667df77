"""A server before a server: it replies to some lines itself, and keeps all that were sent.

This file knows lines and tags, and no protocol.
"""

import re
import socket
import socketserver
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit


class Lines(list):
    """The lines that were sent.

    Attributes:
        received: How many octets came back.
        turns: How often something was sent, which is a round trip if the client then waited.
    """

    received = 0
    turns = 0


class LineProxy(socketserver.ThreadingTCPServer):
    """A proxy on loopback.

    Args:
        target: The host and the port of the server.
        replies: By a pattern of lines, what is replied in place of the server; "{tag}" in it is the
            line's tag.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, target, replies):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = target
        self.replies = {re.compile(pattern): reply for pattern, reply in replies.items()}
        self.lines = Lines()


class Handler(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self):
        """Hand on what comes from both sides."""
        with socket.create_connection(self.server.target) as other:
            back = threading.Thread(target=self.hand_back, args=(other,), daemon=True)
            back.start()
            for line in self.each_line():
                self.server.lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
                if reply := self.reply_to(line):
                    self.wfile.write(reply)
                else:
                    other.sendall(line)
            other.shutdown(socket.SHUT_WR)
            back.join(10)

    def each_line(self):
        """Yield the lines, and count how often some came together."""
        left = b""
        while data := self.rfile.read1(65_536):
            self.server.lines.turns += 1
            *lines, left = (left + data).split(b"\n")
            yield from (line + b"\n" for line in lines)

    def reply_to(self, line):
        """Return the reply to a line, if it is the proxy's."""
        for pattern, reply in self.server.replies.items():
            if pattern.search(line.decode("utf-8", "replace")):
                return reply.replace(b"{tag}", line.split(b" ")[0])
        return None

    def hand_back(self, other):
        """Hand on what the server sends."""
        while data := other.recv(65_536):
            self.server.lines.received += len(data)
            self.wfile.write(data)


@contextmanager
def line_proxy(url, replies):
    """Run a proxy before the server of a URL; yields the URL of the proxy, and its lines."""
    parts = urlsplit(url)
    with LineProxy((parts.hostname, parts.port), replies) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
        login = parts.netloc.rpartition("@")[0]
        there = f"{login}@127.0.0.1:{proxy.server_address[1]}"
        try:
            yield urlunsplit(parts._replace(netloc=there)), proxy.lines
        finally:
            proxy.shutdown()
