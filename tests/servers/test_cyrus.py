"""Cyrus is what its fixture says, seen by the standard library's clients."""

import imaplib
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from servers.accounts import CAROL
from servers.process import open_folder
from servers.test_servers import (
    BODY,
    IMAP_MODES,
    POP3_MODES,
    imap_clear,
    pop3_clear,
    trust,
)

__all__ = ["trust"]

STARTING = """
import sys
from pathlib import Path
from servers.certificates import Certificates
from servers.cyrus import Cyrus

folder = Path(sys.argv[1])
print(Cyrus.start(folder, Certificates.generate(folder)).pid, flush=True)
sys.stdin.read()
"""
SECONDS = 20

ONLY_CYRUS = "ACL CATENATE COMPRESS=DEFLATE LIST-MYRIGHTS METADATA OBJECTID QUOTA XLIST"


@IMAP_MODES
def test_imap_login(cyrus, trust, connect):
    """Every kind of connection leads to the same mailbox."""
    user = cyrus.fresh_user()
    cyrus.deliver(user, BODY)
    with connect(cyrus, trust) as client:
        client.login(user.name, user.password)
        client.select()
        _, data = client.fetch("1", "(BODY.PEEK[])")

    assert data[0][1] == BODY


@POP3_MODES
def test_pop3_login(cyrus, trust, connect):
    """Every kind of connection leads to the same mailbox."""
    user = cyrus.fresh_user()
    cyrus.deliver(user, BODY)
    client = connect(cyrus, trust)
    client.user(user.name)
    client.pass_(user.password)
    lines = client.retr(1)[1]
    client.quit()

    assert b"\r\n".join(lines) + b"\r\n" == BODY


def test_extensions(cyrus, trust):
    """What Dovecot lacks is offered after login."""
    user = cyrus.fresh_user()
    with imap_clear(cyrus, trust) as client:
        client.login(user.name, user.password)
        offered = client.capability()[1][-1].decode().split()

    assert set(ONLY_CYRUS.split()) <= set(offered)


def test_admin(cyrus, trust):
    """The administrator may set a quota."""
    user = cyrus.fresh_user()
    cyrus.deliver(user, BODY)
    with imap_clear(cyrus, trust) as client:
        client.login(cyrus.admin.name, cyrus.admin.password)
        status, _ = client.setquota(f"user/{user.name}", "(STORAGE 512)")

    assert status == "OK"


def test_difficult_password(cyrus, trust):
    """Carol's quotes, spaces and letters beyond ASCII are her password."""
    secret = f"\0{CAROL.name}\0{CAROL.password}".encode()
    with imap_clear(cyrus, trust) as client:
        status, _ = client.authenticate("PLAIN", lambda _: secret)

    assert status == "OK"


def test_wrong_password(cyrus, trust):
    """A wrong password is refused."""
    user = cyrus.fresh_user()
    with imap_clear(cyrus, trust) as client, pytest.raises(imaplib.IMAP4.error):
        client.login(user.name, "wrong")


def test_apop(cyrus, trust):
    """APOP works, because passwords are kept in clear."""
    user = cyrus.fresh_user()
    client = pop3_clear(cyrus, trust)
    client.apop(user.name, user.password)
    count, _ = client.stat()
    client.quit()

    assert count == 0


def test_deliver_many(cyrus):
    """A thousand messages are there, in order, when the call returns."""
    user = cyrus.fresh_user()
    cyrus.deliver_many(user, (b"Subject: %d\r\n\r\n" % number for number in range(1000)))

    assert cyrus.messages(user) == [b"Subject: %d\r\n\r\n" % number for number in range(1000)]


def test_ends_with_a_killed_worker(cyrus):
    """A test worker that is killed has no chance to stop its server, which ends all the same."""
    with open_folder("killed") as folder:
        worker = subprocess.Popen(
            [sys.executable, "-c", STARTING, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        with worker:
            master = os.pidfd_open(int(worker.stdout.readline()))
            worker.kill()
        ended, _, _ = select.select([master], [], [], SECONDS)
        os.close(master)

    assert ended == [master]
