"""A program that delivers numbered messages to a mailbox on disk; tests start several of them.

Nothing here knows which transport it is.
"""

import json
import subprocess
import sys

from netmail import Message
from netmail.delivery import Mailer


def start(count, *programs, **directives):
    """Start one program for each name, and return when all have ended.

    Returns:
        How many messages were accepted, by all of them.
    """
    running = [
        subprocess.Popen(
            [sys.executable, __file__, name, str(count), json.dumps({**directives, **more})],
            stdout=subprocess.PIPE,
        )
        for name, more in programs
    ]
    outputs = [program.communicate(timeout=300)[0] for program in running]

    assert [program.returncode for program in running] == [0] * len(running)
    return sum(map(int, outputs))


def limited(size, **directives):
    """Deliver where no file may become larger than so many octets.

    Returns:
        The sentence of the error.
    """
    command = [sys.executable, __file__, "limited", str(size), json.dumps(directives)]
    return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout.decode()


def main(name, number, directives):
    """Deliver, and print how many were accepted; or the error where a file's size is limited."""
    config = {"transport": json.loads(directives), "manager.retry.delay": 0.001}
    if name == "limited":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), int(number)))
        with Mailer(config) as mailer:
            try:
                mailer.send(Message("a@x.test", "b@x.test", "s", text="long\n" * 5000))
            except Exception as error:  # noqa: BLE001 -- the test judges the sentence
                print(error)  # noqa: T201
        return
    with Mailer(config) as mailer:
        results = [
            mailer.send(Message("a@x.test", "b@x.test", f"{name}-{each}", text="From here\n" * 9))
            for each in range(int(number))
        ]
    print(sum(bool(result.result()) for result in results))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
