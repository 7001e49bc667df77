"""A provider on loopback: keeps each request, and replies as the test says.

Nothing here knows netmail, or what providers expect.
"""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Request:
    """What has come."""

    path: str
    headers: dict[str, str]
    body: bytes


class HttpProvider:
    """Replies to each POST with the next of its responses, and then with the last one again."""

    def __init__(self, *responses):
        self.responses = list(responses)
        self.requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.path, headers, body)
                provider.requests.append(request)
                response = provider.responses[0]
                if len(provider.responses) > 1:
                    provider.responses.pop(0)
                status, fields, content = response(request) if callable(response) else response
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        return Handler

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
