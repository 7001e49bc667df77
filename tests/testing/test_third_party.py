"""Clients that are not netmail's send to the embedded servers and fetch from them, octet for octet.

Programs from Debian convert line ends to the host's; that is undone before the octets are compared.
"""

import asyncio
import base64
import imaplib
import os
import re
import ssl
import subprocess
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
import imapclient
import pytest

from netmail.testing import MailServer
from servers.process import ServerMissing, find_program

ANN = "ann@example.test"
USERS = {ANN: "secret-of-ann"}
TLS = ["none", "starttls", "implicit"]
CONTENT = (
    b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nFrom: me@y.test\r\nTo: ann@example.test\r\n"
    b"Subject: dots\r\nMessage-ID: <1@y.test>\r\n\r\n.\r\n..one\r\nFrom here\r\n"
    + b"x" * 900
    + b"\r\n\r\nend\r\n"
)
EIGHT_BIT = CONTENT.replace(b"end", "Grüße".encode())
BODY = ["BODY=8BITMIME"]
RUN_SECONDS = 60


@pytest.fixture(params=TLS)
def server(request):
    """One user, each kind of TLS in turn."""
    with MailServer(USERS, tls=request.param != "none" and request.param) as running:
        yield running


@pytest.fixture
def clear():
    """The same without TLS, for programs that only read the system's authorities."""
    with MailServer(USERS) as running:
        yield running


@pytest.fixture
def run(tmp_path):
    """Run a program of Debian's in a folder of its own, and return what it printed."""

    def start(name, package, *arguments, given=b""):
        try:
            program = find_program(name, package)
        except ServerMissing as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(str(missing))
            pytest.skip(str(missing))
        done = subprocess.run(
            [program, *arguments],
            input=given,
            capture_output=True,
            timeout=RUN_SECONDS,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
            check=False,
        )
        assert done.returncode == 0, (done.stdout, done.stderr)
        return done.stdout

    return start


def place(server, protocol):
    """Return host, port, name and password for a protocol."""
    parts = urlsplit(server.url_for(protocol))
    return parts.hostname, parts.port, unquote(parts.username), unquote(parts.password)


def host_lines(content):
    return content.replace(b"\r\n", b"\n")


def untagged(content):
    """Remove the field by which mbsync finds what it has copied."""
    return re.sub(rb"X-TUID: .*?\n", b"", content)


def test_smtplib_imaplib_poplib(server, login):
    """What one library sends, the others fetch."""
    login(server, "smtp", ANN).sendmail("me@y.test", [ANN], EIGHT_BIT, BODY)
    imap, pop = login(server, "imap", ANN), login(server, "pop3", ANN)
    imap.select()
    (_, by_imap), *_ = imap.fetch("1", "(RFC822)")[1]
    by_pop = b"".join(line + b"\r\n" for line in pop.retr(1)[1])

    assert (by_imap, by_pop) == (EIGHT_BIT, EIGHT_BIT)


def changes_in_idle(client, server):
    """Return what IMAPClient reports in IDLE when a message arrives."""
    client.idle()
    server.deliver(CONTENT)
    updates = client.idle_check(timeout=10)
    client.idle_done()
    return updates


def test_imapclient(server):
    """IMAPClient appends, flags with keywords, searches, fetches, moves and waits."""
    host, port, name, password = place(server, "imap")
    context = ssl.create_default_context(cafile=server.ca_file) if server.ca_file else None
    implicit = urlsplit(server.imap_url).scheme == "imaps"
    with imapclient.IMAPClient(host, port, ssl=implicit, ssl_context=context) as client:
        if context and not implicit:
            client.starttls(context)
        client.login(name, password)
        client.append("INBOX", EIGHT_BIT, [imapclient.SEEN, "$Work"])
        client.select_folder("INBOX")
        (uid,) = client.search(["KEYWORD", "$Work"])
        fetched = client.fetch([uid], ["RFC822", "ENVELOPE"])[uid]
        client.create_folder("Archive")
        client.move([uid], "Archive")
        # Its idle_check() reads TLS without blocking, and drops what it has of a line where the
        # rest is not there yet: it waits in clear only.
        updates = None if context else changes_in_idle(client, server)

    assert fetched[b"RFC822"] == EIGHT_BIT
    assert fetched[b"ENVELOPE"].subject == b"dots"
    assert str(fetched[b"ENVELOPE"].to[0]) == ANN
    assert updates is None or (1, b"EXISTS") in updates
    assert server.messages(mailbox="Archive") == [EIGHT_BIT]


def test_imapclient_oauth():
    """A bearer token, as for Gmail."""
    with MailServer(USERS) as server:
        host, port, name, _ = place(server, "imap")
        with imapclient.IMAPClient(host, port, ssl=False) as client:
            with pytest.raises(imapclient.exceptions.LoginError):
                client.oauth2_login(name, "other")
            client.oauth2_login(name, server.tokens[name])

            assert client.select_folder("INBOX")[b"EXISTS"] == 0


def test_attachments_over_a_megabyte(clear):
    """Found by BODYSTRUCTURE alone, and fetched with one FETCH."""
    sizes = {"small.bin": 500_000, "large.bin": 1_500_000, "größer.bin": 2_000_000}
    message = EmailMessage()
    message.set_content("See below.")
    for name, size in sizes.items():
        message.add_attachment(bytes(size), "application", "octet-stream", filename=name)
    clear.deliver(message)
    host, port, name, password = place(clear, "imap")
    with imapclient.IMAPClient(host, port, ssl=False) as client:
        client.login(name, password)
        client.select_folder("INBOX", readonly=True)
        (uid,) = client.search()
        parts = client.fetch([uid], "BODYSTRUCTURE")[uid][b"BODYSTRUCTURE"][0]
        large = [
            number
            for number, part in enumerate(parts, 1)
            if part[6] * 3 / 4 > 1_000_000 and part[8] and part[8][0] == b"attachment"
        ]
        sections = [f"BODY.PEEK[{number}]" for number in large]
        fetched = client.fetch([uid], sections)[uid]
        octets = [fetched[b"BODY[%d]" % number] for number in large]

    assert large == [3, 4]
    assert [len(each) for each in octets] == [parts[number - 1][6] for number in large]
    assert [len(base64.b64decode(each)) for each in octets] == [1_500_000, 2_000_000]


def test_aiosmtplib(server):
    """It logs in, sends 8-bit content, and reports the refused recipient."""
    host, port, name, password = place(server, "smtp")
    options = {"use_tls": False, "start_tls": False}
    if server.ca_file:
        implicit = urlsplit(server.smtp_url).scheme == "smtps"
        context = ssl.create_default_context(cafile=server.ca_file)
        options = {"use_tls": implicit, "start_tls": not implicit, "tls_context": context}

    async def send():
        client = aiosmtplib.SMTP(hostname=host, port=port, timeout=10, **options)
        async with client:
            socket = client.transport.get_extra_info("socket")
            await client.login(name, password)
            recipients = [ANN, "nobody@z.test"]
            refused, _ = await client.sendmail(
                "me@y.test", recipients, EIGHT_BIT, mail_options=BODY
            )
        async with asyncio.timeout(10):  # it does not wait until its TLS has ended
            while socket.fileno() >= 0:  # noqa: ASYNC110 no event tells it
                await asyncio.sleep(0)
        return refused

    refused = asyncio.run(send())

    assert refused["nobody@z.test"].code == 550
    assert server.messages() == [EIGHT_BIT]
    assert [sent.user for sent in server.sent] == [ANN]


@pytest.mark.servers
def test_msmtp(clear, run, tmp_path):
    """It sends with AUTH; a temporary refusal is its exit code 75."""
    host, port, name, password = place(clear, "smtp")
    (tmp_path / "msmtprc").write_text(
        f"account default\nhost {host}\nport {port}\nauth plain\nuser {name}\n"
        f"password {password}\ntls off\nfrom me@y.test\n"
    )
    (tmp_path / "msmtprc").chmod(0o600)
    run("msmtp", "msmtp", "-C", "msmtprc", ANN, given=host_lines(EIGHT_BIT))
    clear.fail(rcpt=ANN, code=450)
    with pytest.raises(AssertionError, match="450"):
        run("msmtp", "msmtp", "-C", "msmtprc", ANN, given=host_lines(EIGHT_BIT))

    assert clear.messages() == [EIGHT_BIT]
    assert clear.sent[0].user == ANN


@pytest.mark.servers
@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_swaks(clear, run, tmp_path, protocol):
    """Swaks sends over SMTP with AUTH, and over LMTP."""
    host, port, name, password = place(clear, protocol)
    (tmp_path / "message").write_bytes(host_lines(CONTENT).removesuffix(b"\n"))  # swaks ends it
    login = ["--auth", "PLAIN", "--auth-user", name, "--auth-password", password]
    run(
        "swaks",
        "swaks",
        *("--server", f"{host}:{port}", "--protocol", "LMTP" if protocol == "lmtp" else "ESMTP"),
        *("--from", "me@y.test", "--to", ANN, "--data", "@message"),
        *(login if protocol == "smtp" else []),
    )

    assert clear.messages() == [CONTENT]
    assert [sent.protocol for sent in clear.sent] == [protocol]


@pytest.mark.servers
@pytest.mark.parametrize("protocol", ["pop3", "imap"])
def test_fetchmail(clear, run, tmp_path, protocol):
    """Fetchmail fetches everything, and deletes it on the server."""
    clear.deliver(CONTENT)
    clear.deliver(EIGHT_BIT)
    host, port, name, password = place(clear, protocol)
    (tmp_path / "fetchmailrc").write_text(
        f'set invisible\npoll {host} protocol {protocol.upper()} port {port} username "{name}" '
        f'password "{password}" sslproto "" fetchall no keep no rewrite mda "cat >> got"\n'
    )
    (tmp_path / "fetchmailrc").chmod(0o600)
    run(
        "fetchmail",
        "fetchmail",
        "-f",
        "fetchmailrc",
        "--nodetach",
        "--nosyslog",
        "--pidfile",
        "pid",
    )

    assert (tmp_path / "got").read_bytes() == host_lines(CONTENT) + host_lines(EIGHT_BIT)
    assert clear.messages() == []


@pytest.mark.servers
def test_mbsync(clear, run, tmp_path):
    """Mbsync makes Maildirs of mailboxes; flags, and a message that is new there, come back."""
    clear.deliver(CONTENT)
    clear.deliver(EIGHT_BIT, mailbox="Archive")
    host, port, name, password = place(clear, "imap")
    (tmp_path / "mbsyncrc").write_text(
        f"IMAPStore far\nHost {host}\nPort {port}\nUser {name}\nPass {password}\n"
        f"SSLType None\nAuthMechs LOGIN\n\nMaildirStore near\nPath {tmp_path}/mail/\n"
        f"Inbox {tmp_path}/mail/INBOX\nSubFolders Verbatim\n\nChannel all\nFar :far:\n"
        "Near :near:\nPatterns *\nCreate Both\nSyncState *\n"
    )
    (tmp_path / "mail").mkdir()
    run("mbsync", "isync", "-c", "mbsyncrc", "-a")
    (inbox,) = (tmp_path / "mail/INBOX/new").iterdir()
    (archived,) = (tmp_path / "mail/Archive/new").iterdir()
    fetched = [untagged(inbox.read_bytes()), untagged(archived.read_bytes())]
    inbox.rename(tmp_path / "mail/INBOX/cur" / f"{inbox.name.partition(':')[0]}:2,FS")
    (tmp_path / "mail/INBOX/new/1.x.y").write_bytes(host_lines(EIGHT_BIT))
    run("mbsync", "isync", "-c", "mbsyncrc", "-a")
    with imaplib.IMAP4(host, port) as imap:
        imap.login(name, password)
        imap.select()
        flags = imap.fetch("1", "(FLAGS)")[1]

    assert fetched == [host_lines(CONTENT), host_lines(EIGHT_BIT)]
    assert rb"\Flagged \Seen" in flags[0]
    assert [untagged(message) for message in clear.messages()] == [CONTENT, EIGHT_BIT]
