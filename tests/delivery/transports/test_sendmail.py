"""The transport that runs sendmail: scripts for its exit codes, and Postfix's own."""

import os
import signal
import sys
import time

import pytest

from netmail import DeliveryOptions, Envelope, Message, SendStatus, UsageError, envelope_of
from netmail.delivery import Mailer, MessageFailed, TransportFailed
from netmail.delivery.transports.sendmail import SendmailTransport
from servers.process import find_program
from support.timing import takes

MESSAGE = Envelope("a@x.test", ("b@x.test",), b"Subject: s\r\n\r\n.\r\nline\r\rend")


@pytest.fixture
def program(tmp_path):
    """Make a script in sendmail's place, which notes its arguments and its input."""

    def make(ending):
        path = tmp_path / "sendmail"
        path.write_text(
            f"#!{sys.executable}\nimport os, sys, time\n"
            f"open({str(tmp_path / 'arguments')!r}, 'w').write('\\n'.join(sys.argv[1:]))\n"
            f"open({str(tmp_path / 'input')!r}, 'wb').write(sys.stdin.buffer.read())\n"
            f"{ending}\n"
        )
        path.chmod(0o755)
        return path

    return make


def started(path, **directives):
    """Return a transport that runs a program."""
    transport = SendmailTransport({"path": path, **directives})
    transport.startup()
    return transport


def test_command(program, tmp_path):
    """The recipients come as arguments, the content as LF lines, and nothing from the header."""
    message = Message("a@x.test", ["b@x.test", "c@x.test"], "s", text="t").bcc("d@x.test")
    transport = started(program("print('queued as 7')"))
    result = transport.deliver(message)
    arguments = (tmp_path / "arguments").read_text().split("\n")

    assert arguments == ["-i", "-f", "a@x.test", "--", "b@x.test", "c@x.test", "d@x.test"]
    assert (tmp_path / "input").read_bytes() == message.as_bytes().replace(b"\r\n", b"\n") + b"\n"
    assert [(each.status, each.text) for each in result.recipients] == [
        (SendStatus.ACCEPTED, "queued as 7")
    ] * 3
    assert result.replies == ()


def test_line_ends(program, tmp_path):
    """No CR is left: Postfix would keep it within a line."""
    started(program("")).deliver(MESSAGE)

    assert (tmp_path / "input").read_bytes() == b"Subject: s\n\n.\nline\n\nend"


def test_null_sender(program, tmp_path):
    """A report has no sender, which every program knows as "<>"."""
    started(program("")).deliver(Envelope("", ("b@x.test",), MESSAGE.content))

    assert (tmp_path / "arguments").read_text().split("\n")[1:3] == ["-f", "<>"]


@pytest.mark.parametrize(
    ("code", "mta", "status"),
    [
        (67, "sendmail", SendStatus.REFUSED),
        (75, "sendmail", SendStatus.UNCERTAIN),
        (75, "auto", SendStatus.UNCERTAIN),
        (200, "msmtp", SendStatus.UNCERTAIN),
    ],
)
def test_codes_with_a_result(program, code, mta, status):
    """Refusals and what is uncertain are in the result, and not tried again."""
    transport = started(program(f"sys.exit({code})"), mta=mta)
    result = transport.deliver(MESSAGE)

    assert [each.status for each in result.recipients] == [status]
    assert f"ended with {code}" in result.recipients[0].text
    assert result.retryable is None


@pytest.mark.parametrize(
    ("code", "mta", "transient"),
    [(75, "postfix", True), (1, "exim", True), (70, "opensmtpd", True), (78, "msmtp", False)],
)
def test_codes_without_a_result(program, code, mta, transient):
    """Nothing was delivered: another try may succeed, or somebody has to change something."""
    transport = started(program(f"print('why not' * 999, flush=True); sys.exit({code})"), mta=mta)
    with pytest.raises(TransportFailed, match=f"ended with {code}: why not") as caught:
        transport.deliver(MESSAGE)

    assert caught.value.transient is transient
    assert len(str(caught.value)) < 1200


def test_killed(program):
    """A program that a signal ends may have done its work before."""
    transport = started(program("os.kill(os.getpid(), 9)"), mta="postfix")

    assert transport.deliver(MESSAGE).recipients[0].status is SendStatus.UNCERTAIN


def test_timeout(program, tmp_path):
    """It is ended with what it has started, and may have delivered the message."""
    ending = (
        "child = os.fork()\n"
        f"open({str(tmp_path / 'pid')!r} + str(bool(child)), 'w').write(str(os.getpid()))\n"
        "time.sleep(300)"
    )
    with takes(most=60):
        result = started(program(ending), timeout=5).deliver(MESSAGE)

    assert result.recipients[0].status is SendStatus.UNCERTAIN
    assert "within 5 s" in result.recipients[0].text
    for name in ("pidTrue", "pidFalse"):
        assert not runs(int((tmp_path / name).read_text()))


def runs(pid):
    """Tell whether a process still runs, having waited a little for its end."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return False
        except OSError:
            return False
    return True


def test_left_in_the_background(program, tmp_path):
    """A delivery that the program has left running is not waited for."""
    ending = (
        "child = os.fork()\n"
        "if not child: time.sleep(300)\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child))"
    )
    with takes(most=60):
        assert started(program(ending)).deliver(MESSAGE)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope("-odq@x.test", ("b@x.test",), MESSAGE.content),
        Envelope("a@x.test", ("b@x.test", "-t@x.test"), MESSAGE.content),
    ],
)
def test_addresses_like_options(program, tmp_path, envelope):
    """They never reach the program."""
    with pytest.raises(MessageFailed, match="may be an option"):
        started(program("")).deliver(envelope)

    assert not (tmp_path / "arguments").exists()


def test_options_cannot_pass(program, tmp_path):
    """What is asked of servers is not dropped in silence."""
    options = DeliveryOptions(requiretls=True)
    envelope = Envelope("a@x.test", ("b@x.test",), MESSAGE.content, options)
    with pytest.raises(MessageFailed, match="delivery options"):
        started(program("")).deliver(envelope)

    assert not (tmp_path / "arguments").exists()


def test_attached_file_is_gone(program, tmp_path):
    """The program is not started for half a message."""
    (tmp_path / "data.bin").write_bytes(bytes(2_000_000))
    message = Message("a@x.test", "b@x.test", "large", text="t").attachment(tmp_path / "data.bin")
    envelope = envelope_of(message)
    (tmp_path / "data.bin").unlink()

    with pytest.raises(MessageFailed, match=r"data\.bin"):
        started(program("")).deliver(envelope)
    assert not (tmp_path / "arguments").exists()


def test_no_program(tmp_path):
    """The sentence names it, and no later try can succeed."""
    with pytest.raises(TransportFailed, match=r"none: No such file") as caught:
        started(tmp_path / "none").deliver(MESSAGE)

    assert not caught.value.transient


def test_wrong_mta():
    """The sentence says which there are."""
    with pytest.raises(UsageError, match="auto, exim, msmtp"):
        SendmailTransport({"mta": "qmail"})


def test_postfix(postfix, dovecot, monkeypatch):
    """Postfix's own sendmail, with a line of one dot, and recipients that no header names."""
    monkeypatch.setenv("MAIL_CONFIG", str(postfix.config))
    user, hidden = dovecot.fresh_user(), dovecot.fresh_user()
    transport = {"use": "sendmail", "path": find_program("sendmail", "postfix")}
    with Mailer({"transport": transport}) as mailer:
        recipients = (user.address, hidden.address)
        content = b"To: somebody@else.test\r\n\r\none\r\n.\r\nFrom two\r\n"
        assert mailer.send(Envelope("a@example.test", recipients, content)).result()
    (received,) = dovecot.messages(user, 1)
    (other,) = dovecot.messages(hidden, 1)

    assert received.endswith(b"\r\n\r\none\r\n.\r\nFrom two\r\n")
    assert b"Return-Path: <a@example.test>" in received
    assert other.endswith(b"\r\n\r\none\r\n.\r\nFrom two\r\n")


def test_postfix_without_configuration(postfix, monkeypatch, tmp_path):
    """Every failure of Postfix's is 75, and means that nothing is in the queue."""
    monkeypatch.setenv("MAIL_CONFIG", str(tmp_path))
    with pytest.raises(TransportFailed, match=r"ended with 75: .*main.cf") as caught:
        started(find_program("sendmail", "postfix")).deliver(MESSAGE)

    assert caught.value.transient


def test_interrupted(program, tmp_path):
    """An interrupt of the caller ends the program too; here the program causes it."""
    ending = (
        "import signal\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "os.kill(os.getppid(), signal.SIGALRM)\n"
        "time.sleep(300)"
    )

    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with takes(most=60), pytest.raises(KeyboardInterrupt):
            started(program(ending)).deliver(MESSAGE)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert not runs(int((tmp_path / "pid").read_text()))
