"""Single commands on loopback, each in a loop: netmail beside poplib and smtplib.

Both sides run by turns in one process. Elapsed time has the server's and the machine's load in it;
CPU time is the client's alone.
"""

import gc
import poplib
import smtplib
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 21
SECONDS = 0.15
"""Seconds that one side runs in one round, so that a slow server does not prolong the benchmark."""
AIM = 1.0
"""Elapsed time, as a multiple of the standard library's."""

SENDER = "ann@example.test"
RECIPIENT = "bob@example.test"
CONTENT = (
    b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: hi\r\n\r\n" + b"text\r\n" * 200
)


@dataclass(frozen=True, slots=True)
class Pair:
    """One command, sent by netmail and by the standard library."""

    name: str
    netmail: Callable[[], object]
    standard: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command costs: seconds on the clock, and seconds of the client's CPU."""

    elapsed: float
    cpu: float


def run() -> bool:
    """Measure and print; tell whether the aim is met."""
    from servers.process import open_folder

    with open_folder("bench") as folder, ExitStack() as stack:
        return compared([*_maildrops(folder, stack), *_transports(folder, stack)])


def compared(pairs: list[Pair]) -> bool:
    """Measure pairs and print them; tell whether each meets the aim."""
    print(f"  {'':<22}{'netmail':>20}{'standard library':>22}{'ratio':>16}")
    ratios = [_measure(pair) for pair in pairs]
    print(f"  the aim for elapsed time is {AIM:.2f}")
    return max(ratios) <= AIM


def _maildrops(folder: Path, stack: ExitStack) -> Iterator[Pair]:
    """Pairs for POP3, against Dovecot; maildrops are locked, so the two clients have one each."""
    import netmail
    from servers.dovecot import Dovecot

    server = stack.enter_context(Dovecot.start(folder))
    user, other_user = server.fresh_user(), server.fresh_user()
    for one in (user, other_user):
        server.deliver_many(one, [CONTENT] * 5)
    pop3 = stack.enter_context(netmail.POP3(server.url("pop3", user), tls=netmail.TLS_NONE))
    other = poplib.POP3(server.host, server.ports.pop3)
    stack.callback(other.quit)
    other.user(other_user.name)
    other.pass_(other_user.password)
    yield Pair("POP3 STAT", pop3.stat, other.stat)
    yield Pair("POP3 RETR", lambda: pop3.retr(3), lambda: other.retr(3))


def _transports(folder: Path, stack: ExitStack) -> Iterator[Pair]:
    """Pairs for SMTP, against Postfix's smtp-sink."""
    import netmail
    from servers.smtp_sink import SmtpSink

    for options, name in ((), "PIPELINING"), (("-p",), "one by one"):
        sink = stack.enter_context(SmtpSink.start(folder, options))
        transport = stack.enter_context(netmail.Transport(sink.url))
        standard = stack.enter_context(smtplib.SMTP("localhost", sink.port))
        if not options:
            yield Pair("SMTP RSET", transport.rset, standard.rset)
        yield Pair(f"SMTP send, {name}", *_sends(transport, standard))


def _sends(transport, standard: smtplib.SMTP) -> tuple[Callable[[], object], Callable[[], object]]:
    import netmail

    envelope = netmail.Envelope(SENDER, (RECIPIENT,), CONTENT)

    def send() -> None:
        if not transport.add_message(envelope).send():
            raise SystemExit("smtp-sink refused a message")

    return send, lambda: standard.sendmail(SENDER, [RECIPIENT], CONTENT)


def _measure(pair: Pair) -> float:
    """Run both sides by turns, print their medians, and return the ratio of elapsed times."""
    count = _calibrate(pair.standard)
    _calibrate(pair.netmail)
    sides = {"netmail": pair.netmail, "standard": pair.standard}
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for turn in range(ROUNDS):
        for name in sorted(sides, reverse=turn % 2 == 0):
            costs[name].append(_cost(sides[name], count))
    # Both of one round ran under the same load, so their ratio says more than either time.
    rounds = list(zip(costs["netmail"], costs["standard"], strict=True))
    elapsed = statistics.median(one.elapsed / other.elapsed for one, other in rounds)
    cpu = statistics.median(one.cpu / other.cpu for one, other in rounds)
    columns = "".join(f"{_shown(measured):>21}" for measured in costs.values())
    print(f"  {pair.name:<22}{columns}   x{elapsed:.2f} (CPU x{cpu:.2f})", flush=True)
    return elapsed


def _calibrate(call: Callable[[], object]) -> int:
    """Return how many calls fill one round; this warms the call up, too."""
    with _quiet():
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < SECONDS:
            call()
            count += 1
    return count


def _cost(call: Callable[[], object], count: int) -> Cost:
    with _quiet():
        begun, cpu = time.perf_counter(), time.process_time()
        for _ in range(count):
            call()
        return Cost((time.perf_counter() - begun) / count, (time.process_time() - cpu) / count)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the garbage collector out of what is measured, for both sides."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _shown(costs: list[Cost]) -> str:
    elapsed = statistics.median(cost.elapsed for cost in costs)
    cpu = statistics.median(cost.cpu for cost in costs)
    return f"{elapsed * 1e6:.0f} us (CPU {cpu * 1e6:.0f})"
