"""Worker processes of an engine, which can be killed.

Nothing here knows what they deliver.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys

MODULE = """
import json, os
from netmail.delivery import Mailer
app = Mailer(json.loads(os.environ["MAILER"])).manager.app
"""
COMMANDS = {
    "celery": ["-m", "celery", "-A", "mail_worker", "worker", "-c", "2", "-l", "warning"],
    "procrastinate": ["-m", "procrastinate", "--app", "mail_worker.app", "worker", "-c", "2"],
}


class Worker:
    """A worker process and its children, in a group of their own."""

    def __init__(self, use, config, folder, name):
        (folder / "mail_worker.py").write_text(MODULE)
        self._log = (folder / f"{name}.log").open("wb")
        command = [sys.executable, *COMMANDS[use]]
        if use == "celery":
            command += ["-n", name]
        path = os.pathsep.join([str(folder), *filter(None, sys.path)])
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path, "MAILER": json.dumps(config)},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def kill(self, number=signal.SIGKILL):
        """End it and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self._log.close()
