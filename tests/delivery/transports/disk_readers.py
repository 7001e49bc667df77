"""How tests look at mailboxes on disk, and how they write without the rights of root.

Nothing here knows netmail.
"""

import contextlib
import os
import pwd
import subprocess

from servers.process import SERVICE_USER, am_root


def read_by_dovecot(dovecot, location):
    """Return the subjects that Dovecot finds in a mailbox of its user's."""
    command = ["doveadm", "-c", str(dovecot.config), "-o", f"mail_location={location}"]
    command += ["-f", "flow", "fetch", "-u", dovecot.fresh_user().name, "hdr.subject", "all"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return [line.partition("=")[2] for line in done.stdout.decode().splitlines()]


def give_to_dovecot(folder):
    """Let Dovecot's user own what lies in a folder."""
    if am_root():
        entry = pwd.getpwnam(SERVICE_USER)
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, entry.pw_uid, entry.pw_gid)


@contextlib.contextmanager
def without_rights():
    """Be no root during a block, so that permissions hold."""
    if not am_root():
        yield
        return
    os.seteuid(pwd.getpwnam(SERVICE_USER).pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
