"""A worker in a process of its own, to be killed: `python working_process.py FILE URL SECONDS`.

Nothing here knows a test. It writes a line before it begins.
"""

import sys
from datetime import timedelta

import netmail
from netmail.delivery.outbox import Outbox


def main(path, url, seconds):
    """Send what is due, until nothing is."""
    with Outbox(path) as outbox:
        outbox.status()
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        outbox.work(netmail.Transport(url, window=4), lease=timedelta(seconds=float(seconds)))


if __name__ == "__main__":
    main(*sys.argv[1:])
