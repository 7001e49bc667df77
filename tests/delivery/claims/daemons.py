"""Redis and PostgreSQL of Debian, each in a temporary folder on a port of the loopback.

Nothing here knows netmail.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from servers.process import (
    POLL_SECONDS,
    SERVICE_USER,
    START_SECONDS,
    Process,
    Server,
    ServerMissing,
    am_root,
    find_program,
    free_ports,
)

POSTGRESQL = Path("/usr/lib/postgresql")


class Redis(Server):
    """A running Redis that writes each command to disk.

    Attributes:
        url: Its database.
    """

    def __init__(self, folder, *more):
        program = find_program("redis-server", "redis-server")
        (port,) = free_ports(1)
        self.url = f"redis://127.0.0.1:{port}/0"
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
        command = [program, *options, "--appendonly", "yes", *more]
        self._process = Process(command, folder / "redis.log")
        self._process.wait_for([port])


class Postgresql(Server):
    """A running PostgreSQL with an empty database.

    Attributes:
        url: The database.
    """

    def __init__(self, folder):
        versions = sorted(POSTGRESQL.glob("*/bin/initdb"))
        if not versions:
            raise ServerMissing("initdb is missing: install Debian's package postgresql")
        programs = versions[-1].parent
        data = folder / "data"
        data.mkdir(mode=0o700)
        user = None
        if am_root():  # PostgreSQL refuses to be root
            shutil.chown(data, SERVICE_USER, "nogroup")
            user = ["setpriv", f"--reuid={SERVICE_USER}", "--regid=nogroup", "--clear-groups", "--"]
        options = ["-D", str(data), "-U", "netmail", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(
            [*(user or []), str(programs / "initdb"), *options],
            check=True,
            cwd=folder,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
        )
        (port,) = free_ports(1)
        self.url = f"postgresql://netmail@127.0.0.1:{port}/postgres"
        options = ["-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
        command = [str(programs / "postgres"), *options]
        self._process = Process(command, folder / "postgres.log", SERVICE_USER)
        self._process.wait_for([port])
        # It listens before it takes connections.
        ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(ready, check=False).returncode:
            assert time.monotonic() < deadline, self.log()
            time.sleep(POLL_SECONDS)
