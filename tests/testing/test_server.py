"""MailServer as its users see it: construction, URLs, delivery, and that it always stops."""

import gc
import socket
import subprocess
import sys
import threading
import time
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import pytest

from netmail.errors import StateError, UsageError
from netmail.testing import MailServer

SIMPLE = b"Subject: hello\r\n\r\nworld\r\n"


def server_threads():
    return [thread for thread in threading.enumerate() if thread.name == "netmail.testing"]


def test_one_user_is_there_by_default():
    """Without users there is one, with a password of its own for each server."""
    with MailServer() as first, MailServer() as second:
        assert list(first.users) == ["user@example.test"]
        assert first.users != second.users


def test_urls_hold_the_credentials():
    """A URL taken apart gives back name, password and a port that listens."""
    name, password = "ann@example.test", "a/b:c@d%20é?#"
    with MailServer({name: password}) as server:
        for scheme, url in (
            ("smtp", server.smtp_url),
            ("imap", server.imap_url),
            ("pop3", server.pop3_url),
        ):
            parts = urlsplit(url)
            socket.create_connection((parts.hostname, parts.port), timeout=5).close()

            assert parts.scheme == scheme
            assert unquote(parts.username) == name
            assert unquote(parts.password) == password


@pytest.mark.parametrize(
    ("tls", "scheme"),
    [(False, "imap"), ("starttls", "imap"), ("implicit", "imaps"), (True, "imaps")],
)
def test_scheme_follows_tls(tls, scheme):
    """Only implicit TLS changes the scheme; `True` means implicit TLS."""
    with MailServer(tls=tls) as server:
        assert urlsplit(server.imap_url).scheme == scheme
        assert (server.ca_file is None) == (tls is False)


def test_url_for_another_user(server):
    """A URL can carry any user's credentials."""
    assert "bob:" in server.url_for("pop3", "bob")


@pytest.mark.parametrize(
    "call",
    [
        lambda server: server.url_for("imap", "nobody"),
        lambda server: server.url_for("nntp"),
        lambda server: server.deliver(SIMPLE, to="nobody"),
        lambda server: server.deliver(42),
        lambda server: server.messages("ann@example.test", "Nowhere"),
        lambda server: server.messages("nobody"),
    ],
    ids=["url user", "url protocol", "deliver to", "deliver what", "mailbox", "messages of"],
)
def test_wrong_calls_are_usage_errors(server, call):
    """What is not there is refused by name, and the server continues."""
    with pytest.raises(UsageError):
        call(server)

    assert server.deliver(SIMPLE) > 0


@pytest.mark.parametrize(
    "arguments",
    [{"users": {}}, {"users": {"a": ""}}, {"users": ["a\r\nb"]}, {"tls": "yes"}],
    ids=["no user", "no password", "CR LF", "tls"],
)
def test_wrong_arguments_are_refused_before_anything_starts(arguments):
    """A server that cannot be as asked leaves no thread."""
    before = server_threads()
    with pytest.raises(UsageError):
        MailServer(**arguments)

    assert server_threads() == before


@pytest.mark.parametrize(
    "message",
    [
        SIMPLE,
        bytearray(SIMPLE),
        memoryview(SIMPLE),
        "Subject: hello\n\nworld\n",
        SIMPLE.replace(b"\r\n", b"\n"),
    ],
    ids=["bytes", "bytearray", "memoryview", "str", "bare LF"],
)
def test_deliver_takes_any_octets(server, message):
    """Whatever the type and the line ends, the mailbox holds octets with CRLF."""
    server.deliver(message)

    assert server.messages() == [SIMPLE]


def test_deliver_takes_a_message_object(server):
    """Anything with as_bytes() is a message."""
    message = EmailMessage()
    message["Subject"] = "from an object"
    message.set_content("body")
    server.deliver(message, to="bob")

    assert server.messages("bob") == [message.as_bytes().replace(b"\n", b"\r\n")]


def test_deliver_makes_the_mailbox(server):
    """A mailbox that is not there is created, and INBOX stays empty."""
    server.deliver(SIMPLE, to="bob@anywhere.test", mailbox="Archive/2026")

    assert server.messages("bob", "Archive/2026") == [SIMPLE]
    assert server.messages("bob") == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"no header at all",
        b"\x00\xff\r\n\r\n\r\r\r\n.",
        b"A: b\r\n\r\n" + b"x" * 100_000,
    ],
    ids=["empty", "one line", "no header", "binary", "long line"],
)
def test_odd_messages_are_kept_as_they_are(server, content):
    """The store is for octets: nothing is repaired but line ends."""
    server.deliver(content)

    assert server.messages() == [content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")]


def test_closed_server_says_so():
    """After close(), calls name the reason, and a second close() does nothing."""
    server = MailServer()
    server.close()
    server.close()
    with pytest.raises(StateError, match="closed"):
        server.messages()

    assert "closed" in repr(server)


def test_close_does_not_wait_for_clients(any_server, connect, login):
    """Clients that stay connected, idle or logged in, are cut off, and no transport is left."""
    clients = [connect(any_server, "smtp"), connect(any_server, "pop3"), login(any_server, "imap")]
    began = time.monotonic()
    any_server.close()
    took = time.monotonic() - began

    gc.collect()  # a transport that was not closed warns now, and fails this test

    assert took < 2
    assert len(clients) == 3


def test_close_does_not_wait_for_a_client_that_never_reads(server, login):
    """A reply that nobody fetches is thrown away."""
    server.deliver(b"Subject: large\r\n\r\n" + (b"x" * 76 + b"\r\n") * 100_000)
    imap = login(server, "imap")
    imap.select()
    imap.send(b"x FETCH 1 BODY[]\r\n" * 5)
    imap.file.read(1)
    began = time.monotonic()
    server.close()

    assert time.monotonic() - began < 3


def test_exception_in_the_block_stops_the_server():
    """Leaving the block by an exception stops the thread as well."""
    before = server_threads()
    with pytest.raises(ZeroDivisionError), MailServer():
        _ = 1 / 0

    assert server_threads() == before


def test_forgotten_server_stops():
    """Garbage collection stops what nobody closed."""
    before = server_threads()
    MailServer()
    gc.collect()

    assert server_threads() == before


def test_many_at_once():
    """Twenty servers run side by side and do not see each other's mail."""
    servers = [MailServer() for _ in range(20)]
    try:
        servers[7].deliver(SIMPLE)

        assert len({server.imap_url for server in servers}) == 20
        assert [len(server.messages()) for server in servers] == [0] * 7 + [1] + [0] * 12
    finally:
        for server in servers:
            server.close()


def test_an_address_that_cannot_be_had_is_an_error():
    """The error of the start reaches the caller as it was, and no thread stays."""
    before = server_threads()
    with pytest.raises(OSError, match="192\\.0\\.2\\.1"):
        MailServer(host="192.0.2.1")

    assert server_threads() == before


def run_python(code):
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_interpreter_exit_is_quiet():
    """A program that ends without close() ends at once and prints nothing."""
    done = run_python(
        "from netmail.testing import MailServer\n"
        "import socket, urllib.parse\n"
        "server = MailServer(tls='starttls')\n"
        "port = urllib.parse.urlsplit(server.imap_url).port\n"
        "client = socket.create_connection(('127.0.0.1', port))\n"
        "client.recv(100); client.close()\n"
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("module", ["aiosmtpd", "pymap"])
def test_missing_extra_is_named(module):
    """The package imports without the extra; making a server says what to install."""
    done = run_python(
        f"import sys; sys.modules[{module!r}] = None\n"
        "from netmail.testing import MailServer\n"
        "from netmail.errors import UsageError\n"
        "try: MailServer()\n"
        "except UsageError as error: print(error)\n"
    )

    assert done.stdout == f"the embedded servers need {module}: install netmail[testing]\n"


def test_trustme_is_needed_for_tls_only():
    """Without trustme, plain servers run, and TLS says what to install."""
    done = run_python(
        "import sys; sys.modules['trustme'] = None\n"
        "from netmail.testing import MailServer\n"
        "from netmail.errors import UsageError\n"
        "with MailServer() as server: print(len(server.messages()))\n"
        "try: MailServer(tls=True)\n"
        "except UsageError as error: print(error)\n"
    )

    assert done.stdout == "0\nthe embedded servers need trustme: install netmail[testing]\n"


@pytest.mark.parametrize("module", ["trustme", "cryptography"])
def test_missing_certificate_package_in_this_process(monkeypatch, module):
    """The same without a process of its own, and for what trustme needs; no thread stays."""
    for loaded in [name for name in sys.modules if name.partition(".")[0] == "trustme"]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "netmail.testing.certificates", raising=False)
    before = server_threads()
    with pytest.raises(UsageError, match=rf"need {module}: install netmail\[testing\]"):
        MailServer(tls=True)

    assert server_threads() == before


def test_other_missing_modules_are_not_blamed_on_the_extra(monkeypatch):
    """An import error that has nothing to do with the extra is raised as it is."""
    monkeypatch.setitem(sys.modules, "netmail.testing.services", None)
    with pytest.raises(ModuleNotFoundError, match="services"):
        MailServer()
