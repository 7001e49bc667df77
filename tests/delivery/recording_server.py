"""An SMTP server that only writes down what it accepts, in a thread of its own.

Nothing here knows netmail.
"""

import asyncio
import re
import threading


class RecordingServer:
    """Accepts all, and keeps the recipients of each message.

    Recipients that begin with "stall" get no reply to their message until the server is closed;
    those that begin with "refused" are refused for good.

    Attributes:
        delivered: The recipients of each message, separated by commas.
        pause: Seconds before each message is accepted.
        stalled: Set when such a message has come whole.
        most: How many connections were open at once, at most.
    """

    def __enter__(self):
        self.delivered = []
        self.stalled = threading.Event()
        self._never = asyncio.Event()
        self.most = self.connections = 0
        self.pause = 0
        self._none_open = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=200))
        self.url = f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_):
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _close(self):
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        if others:
            await asyncio.wait(others)

    def wait_until_closed(self):
        """Wait until no connection is open; false after a minute."""
        with self._none_open:
            return self._none_open.wait_for(lambda: self.connections == 0, 60)

    def _count(self, change):
        with self._none_open:
            self.connections += change
            self.most = max(self.most, self.connections)
            self._none_open.notify_all()

    async def _serve(self, reader, writer):
        self._count(1)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._count(-1)

    async def _converse(self, reader, writer):
        recipients = []
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            reply = b"250 ok"
            if verb == b"EHLO":
                reply = b"250-recorder\r\n250 PIPELINING"
            elif verb == b"MAIL":
                recipients = []
            elif verb == b"RCPT":
                address = re.search(rb"<(.*?)>", line)[1].decode()
                if address.startswith("refused"):
                    reply = b"550 no such user"
                else:
                    recipients.append(address)
            elif verb == b"DATA" and recipients:
                writer.write(b"354 send\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                if recipients[0].startswith("stall"):
                    self.stalled.set()
                    await self._never.wait()
                await asyncio.sleep(self.pause)
                self.delivered.append(",".join(recipients))
            elif verb == b"DATA":
                reply = b"554 no recipient"
            elif verb == b"QUIT":
                writer.write(b"221 closing\r\n")
                return
            writer.write(reply + b"\r\n")
            await writer.drain()
