"""The program openssl as judge of S/MIME.

This file must not know what is tested.
"""

import subprocess

from support.programs import judge_program


def openssl(folder, *arguments, octets=b"", **files):
    """Run `openssl cms`; the files are written first, and named by `{name}` in the arguments.

    Returns:
        Whether it succeeded, and what it wrote.
    """
    for name, content in files.items():
        (folder / name).write_bytes(content)
    given = [each.format(**{name: folder / name for name in files}) for each in arguments]
    command = [judge_program("openssl", "openssl"), "cms", *given]
    done = subprocess.run(command, input=octets, capture_output=True, timeout=60, check=False)
    return done.returncode == 0, done.stdout or done.stderr
