"""What importing costs: netmail against the standard library's mail modules.

Each figure is the median of fresh interpreters, taken in turns; compiled files are there for both.
"""

import os
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 15
STANDARD = "import imaplib, smtplib, poplib, email.message"
OURS = {
    "import netmail": "import netmail",
    "netmail.parse": "import netmail; netmail.parse",
    "netmail.Message": "import netmail; netmail.Message",
    "all blocking clients, Message, parse": (
        "import netmail; netmail.Imap, netmail.POP3, netmail.Transport, netmail.Message, "
        "netmail.parse"
    ),
}


def run() -> bool:
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        statements = {"standard library": STANDARD, **OURS}
        times: dict[str, list[float]] = {name: [] for name in statements}
        for number in range(ROUNDS + 1):
            for name, statement in statements.items():
                took = _seconds(statement, environment)
                if number:  # the first round compiles
                    times[name].append(took)
    medians = {name: statistics.median(values) for name, values in times.items()}
    standard = medians.pop("standard library")
    print(f"  {STANDARD}: {standard * 1000:.1f} ms")
    for name, median in medians.items():
        print(f"  {name}: {median * 1000:.1f} ms, {median / standard:.2f} x the standard library")
    return medians["import netmail"] <= standard


def _seconds(statement: str, environment: dict[str, str]) -> float:
    code = (
        f"import time; begun = time.perf_counter()\n{statement}\nprint(time.perf_counter() - begun)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True, timeout=60
    )
    return float(done.stdout)
