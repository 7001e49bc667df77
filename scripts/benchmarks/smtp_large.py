"""One message of 200 MB to smtp-sink, against a bare socket that sends the same octets."""

import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = 150 * 1024 * 1024
"""Octets of the file; base64 makes 205 MiB of it."""
ROUNDS = 3
AIM = 1.5
"""At most this many times as long as the bare socket."""
MEMORY = 16 * 1024
"""KiB that may be added."""
PIECE = 64 * 1024
LETTER = "netmail.Message('a@x.example', 'b@x.example', 's')"
PROGRAM = f"""
import sys, time
import netmail

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

url, path = sys.argv[1:]
with netmail.Transport(url) as transport:
    transport.send({LETTER}).raise_for_refused()
    before, begun = peak(), time.perf_counter()
    transport.send({LETTER}.attachment(path)).raise_for_refused()
    print(time.perf_counter() - begun, peak() - before)
"""


def run() -> bool:
    """Send with both, one after another, and print the ratio and the added memory."""
    from servers.process import open_folder
    from servers.smtp_sink import SmtpSink

    with (
        tempfile.TemporaryDirectory() as place,
        open_folder("bench") as folder,
        SmtpSink.start(folder) as sink,
    ):
        path, octets = Path(place, "file.bin"), Path(place, "message")
        _prepare(path, octets)
        ratios, peaks = [], []
        for _ in range(ROUNDS):
            took, peak = _netmail(sink.url, path)
            bare = _bare(sink.port, octets)
            ratios.append(took / bare)
            peaks.append(peak)
            print(f"  netmail {took:.2f} s, a bare socket {bare:.2f} s, {peak} KiB added")
    ratio = statistics.median(ratios)
    print(f"x{ratio:.2f}, at most x{AIM}; {max(peaks)} KiB added, at most {MEMORY}")
    return ratio <= AIM and max(peaks) < MEMORY


def _prepare(path: Path, octets: Path) -> None:
    """Write the file, and the message as it is sent: base64 has no dots to be doubled."""
    import netmail

    block = bytes(range(256)) * 4096
    with path.open("wb") as file:
        for _ in range(SIZE // len(block)):
            file.write(block)
    with octets.open("wb") as file:
        message = netmail.Message("a@x.example", "b@x.example", "s").attachment(path)
        message.write_to(file)
        file.write(b".\r\n")


def _netmail(url: str, path: Path) -> tuple[float, int]:
    command = [sys.executable, "-c", PROGRAM, url, str(path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(printed[0]), int(printed[1])


def _bare(port: int, octets: Path) -> float:
    with socket.create_connection(("127.0.0.1", port)) as bare, octets.open("rb") as file:
        replies = bare.makefile("rb")
        for line in ("", "EHLO x", "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA"):
            bare.sendall(f"{line}\r\n".encode() if line else b"")
            while replies.readline()[3:4] == b"-":
                pass
        begun = time.perf_counter()
        while piece := file.read(PIECE):
            bare.sendall(piece)
        replies.readline()
        return time.perf_counter() - begun
