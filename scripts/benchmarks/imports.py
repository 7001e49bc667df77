"""What importing costs: netmail beside the standard library's mail modules and IMAPClient.

Each figure is the median of fresh interpreters, taken in turns; compiled files are there for all.
"""

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 21
STANDARD = "import imaplib, smtplib, poplib, email.message"
IMAPCLIENT = "import imapclient"
CLIENTS = tuple(f"import netmail; netmail.{name}" for name in ("Imap", "POP3", "Transport"))
OTHERS = (
    "import pycurl",
    "import netmail",
    "import netmail; netmail.parse",
    "import netmail; netmail.Message",
    "import netmail; netmail.Imap, netmail.POP3, netmail.Transport, netmail.Message, netmail.parse",
)
CODE = """\
import time
begun, cpu = time.perf_counter(), time.process_time()
{statement}
print(time.perf_counter() - begun, time.process_time() - cpu)
"""
BUSY = 1.05
"""By how much two equal medians may differ on a machine that does other things too."""


def run() -> bool:
    """Measure and print; tell whether each client is imported as fast as IMAPClient."""
    statements = [STANDARD, *CLIENTS, *OTHERS]
    if importlib.util.find_spec("imapclient"):
        statements.insert(1, IMAPCLIENT)
    elapsed, cpu = _medians(statements)
    for statement in statements:
        shown = statement.removeprefix("import netmail; ")
        print(f"  {elapsed[statement] * 1000:6.1f} ms (CPU {cpu[statement] * 1000:.1f})  {shown}")
    if IMAPCLIENT not in statements:
        print("  left out: the comparison with IMAPClient, which is not installed")
        return elapsed["import netmail"] <= elapsed[STANDARD]
    # CPU time: other programs on the machine lengthen elapsed time by chance.
    ratios = [cpu[statement] / cpu[IMAPCLIENT] for statement in CLIENTS]
    print(f"  the clients take {min(ratios):.2f} to {max(ratios):.2f} x as long as IMAPClient")
    return elapsed["import netmail"] <= elapsed[STANDARD] and max(ratios) <= BUSY


def _medians(statements: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Return each statement's median seconds, elapsed and of CPU."""
    measured: dict[str, list[tuple[float, float]]] = {statement: [] for statement in statements}
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(ROUNDS + 1):
            for statement, values in measured.items():
                seconds = _seconds(statement, environment)
                if number:  # the first round compiles
                    values.append(seconds)
    columns = [
        {statement: statistics.median(value[at] for value in values)
         for statement, values in measured.items()}
        for at in range(2)
    ]  # fmt: skip
    return columns[0], columns[1]


def _seconds(statement: str, environment: dict[str, str]) -> tuple[float, float]:
    code = CODE.format(statement=statement)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True, timeout=60
    )
    elapsed, cpu = done.stdout.split()
    return float(elapsed), float(cpu)
