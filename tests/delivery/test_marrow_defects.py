"""The defects of Marrow Mailer's own implementation, each tried with its successor.

They are not those of one transport or manager, but of a whole mailer on a server.
"""

import asyncio
import subprocess
import sys
from concurrent.futures import Future

import pytest

from netmail import Message
from netmail.delivery import DeliveryFailed, Mailer
from netmail.delivery.transports.mock import MockTransport
from netmail.testing import MailServer
from support.loops import run

MANAGERS = ["immediate", "futures", "dynamic"]
QUICK = {"delay": 0.001}


def mailer(server, use="immediate", **directives):
    """Return a mailer for a server, with Marrow's defaults but for these directives."""
    transport = {"use": "smtp", "url": server.smtp_url, **directives}
    return Mailer({"manager": {"use": use, "retry": QUICK}, "transport": transport})


def outcome(mailer, message):
    """Return the result of a message, or its error."""
    try:
        return mailer.send(message).result(60)
    except DeliveryFailed as error:
        return error


@pytest.mark.parametrize("pipeline", [None, 1, 10])
@pytest.mark.parametrize("use", MANAGERS)
def test_refusal_is_no_success(use, pipeline):
    """Marrow's default `pipeline` makes every failure a success: a later error takes its place."""
    with MailServer() as server, mailer(server, use, pipeline=pipeline) as running:
        result = outcome(running, Message("a@x.test", "stranger@elsewhere.test", plain="x"))

        assert not result
        assert result.refused[0].code == 550
        assert server.sent == []


@pytest.mark.parametrize("use", MANAGERS)
@pytest.mark.parametrize("retries", [0, 2])
def test_server_that_ends_each_session(caplog, use, retries):
    """Marrow tries for ever, and never looks at `retries`."""
    caplog.set_level("INFO", "netmail")
    with MailServer(accept_any=True) as server, mailer(server, use) as running:
        server.fail(mail="*", drop=True)
        message = Message("a@x.test", "b@x.test", plain="x", retries=retries)
        result = outcome(running, message)

    assert not result or isinstance(result, DeliveryFailed)
    # Within an attempt netmail itself connects again once: its option `reconnect`.
    connected = [line for line in caplog.messages if "connected" in line]
    assert len(connected) == 2 * (retries + 1)
    assert server.sent == []


@pytest.mark.parametrize("use", [*MANAGERS, "asyncio"])
def test_message_after_a_lost_session(use):
    """It has a session of its own, and needs no retry for that."""

    async def work(server):
        async with mailer(server, use) as running:
            results = []
            for number in range(2):
                message = Message("a@x.test", f"{number}@x.test", plain="x", retries=0)
                handed = running.send(message)
                results.append(
                    await (asyncio.wrap_future(handed) if isinstance(handed, Future) else handed)
                )
            return results

    with MailServer(accept_any=True) as server:
        server.fail(mail="*", drop=True, times=2)
        first, second = run(work(server))
        assert not first
        assert second, second
        assert [each.recipients for each in server.sent] == [("1@x.test",)]


@pytest.mark.parametrize("use", MANAGERS)
def test_unexpected_error_is_no_success(use):
    """Marrow drops it while retries are left, and counts the message as sent."""

    class Broken(MockTransport):
        def deliver(self, message):
            raise ZeroDivisionError

    message = Message("a@x.test", "b@x.test", plain="x", retries=3)
    config = {"manager.use": use, "transport.use": Broken}
    with Mailer(config) as running, pytest.raises(ZeroDivisionError):
        running.send(message).result(60)


def test_certificates_are_verified():
    """Marrow's TLS is optional, and takes any certificate."""
    with MailServer({"ann@x.test": "secret"}, tls="starttls") as server:
        with mailer(server, username="ann@x.test", password="secret", tls="required") as running:
            result = outcome(running, Message("ann@x.test", "ann@x.test", plain="x", retries=0))
        assert isinstance(result, DeliveryFailed)
        assert "certificate" in result.reason
        assert server.sent == []


def test_commas_in_names():
    """Marrow cuts a list at every comma."""
    with MailServer(accept_any=True) as server, mailer(server) as running:
        to = '"Doe, John" <john@x.test>, "Roe, Jane" <jane@x.test>'
        assert outcome(running, running.new("a@x.test", to, "S", plain="x"))

        (sent,) = server.sent
        assert sent.recipients == ("john@x.test", "jane@x.test")
        assert [each.name for each in sent.mail.to] == ["Doe, John", "Roe, Jane"]


def test_hidden_recipients_of_sendmail(tmp_path):
    """`sendmail -t` finds no Bcc in a message that rightly has none: Marrow never delivers it."""
    program, seen = tmp_path / "sendmail", tmp_path / "seen"
    program.write_text(f'#!/bin/sh\necho "$@" > {seen}\ncat >> {seen}\n')
    program.chmod(0o755)
    with Mailer({"transport": {"use": "sendmail", "path": str(program)}}) as running:
        message = running.new("a@x.test", "b@x.test", "S", bcc="hidden@x.test", plain="x")
        assert outcome(running, message)
    arguments, _, content = seen.read_text().partition("\n")

    assert arguments.split() == ["-i", "-f", "a@x.test", "--", "b@x.test", "hidden@x.test"]
    assert "hidden" not in content


def test_imap_counts_an_accepted_message():
    """Marrow compares text with octets, and fails always."""
    users = {"ann@x.test": "secret"}
    transport = {"use": "imap", "username": "ann@x.test", "password": "secret"}
    with MailServer(users) as server:
        running = Mailer({"transport": {**transport, "url": server.imap_url}}).start()
        assert outcome(running, running.new("a@x.test", "ann@x.test", "S", plain="x"))
        running.stop()


def test_nothing_that_python_has_removed():
    """Marrow needs imghdr, smtpd, asyncore, pkg_resources and base64.encodestring."""
    program = (
        "import sys\n"
        "gone = ['imghdr', 'smtpd', 'asyncore', 'asynchat', 'pkg_resources', 'distutils']\n"
        "sys.modules.update(dict.fromkeys(gone))\n"
        "from netmail.delivery import Mailer\n"
        "with Mailer({'transport.use': 'log'}) as mailer:\n"
        "    png = bytes.fromhex('89504e470d0a1a0a') + bytes(8)\n"
        "    message = mailer.new('a@x.test', 'b@x.test', 'S', plain='x', rich='<p>x</p>')\n"
        "    message.embed('x.png', png)\n"
        "    assert message.send().result()\n"
        "    assert b'image/png' in message.as_bytes()\n"
    )
    command = [sys.executable, "-W", "error", "-c", program]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
