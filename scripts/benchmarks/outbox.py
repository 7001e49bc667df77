"""The outbox: messages of 2 kB added, and sent through smtp-sink, against `Transport.stream()`."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import smtp

ADDED = 20_000
TOGETHER = 100
SENT = 10_000
ROUNDS = 3
AIMS = {"adds": 15_000.0, "sends": 5_000.0, "ratio": 0.5}


def run() -> bool:
    """Add, and send with both, interleaved in one run; print the rates."""
    from servers.process import open_folder
    from servers.smtp_sink import SmtpSink

    with open_folder("bench") as folder:
        met = _adds(folder)
        with SmtpSink.start(folder) as sink:
            return _sends(folder, sink.port) and met


def _adds(folder: Path) -> bool:
    import netmail
    from netmail.delivery.outbox import Outbox

    envelopes = [smtp.envelope(content) for content in smtp.octets(ADDED)]
    text = smtp.LINE.decode() * ((smtp.SIZE - len(smtp.HEADER)) // len(smtp.LINE))
    built = [
        netmail.Message(smtp.SENDER, smtp.RECIPIENT, f"number {number}", plain=text)
        for number in range(ADDED // 10)
    ]
    rates = {}
    for durability in ("normal", "full"):
        with Outbox(folder / f"{durability}.sqlite", durability) as outbox:
            rates[durability] = _rate(ADDED, lambda box=outbox: _add(box, envelopes, TOGETHER))
            rate = _rate(ADDED // 10, lambda box=outbox: _add(box, envelopes[: ADDED // 10], 1))
            written = _rate(len(built), lambda box=outbox: _add(box, built, TOGETHER))
        print(
            f"  adds/s, {durability:6} {rates[durability]:7,.0f} in transactions of {TOGETHER}"
            f" (the aim is {AIMS['adds']:,.0f}), {rate:,.0f} one each;"
            f" {written:,.0f} of `Message`, which are written then",
            flush=True,
        )
    return rates["normal"] >= AIMS["adds"]


def _add(outbox: object, messages: list[object], together: int) -> None:
    for begin in range(0, len(messages), together):
        with outbox.transaction() as batch:
            for message in messages[begin : begin + together]:
                batch.add(message)


def _sends(folder: Path, port: int) -> bool:
    import netmail
    from netmail.delivery.outbox import Outbox

    envelopes = [smtp.envelope(content) for content in smtp.octets(SENT)]
    url = f"smtp://localhost:{port}"
    found: dict[str, list[float]] = {"outbox": [], "stream": []}
    for turn in range(ROUNDS):
        with Outbox(folder / f"{turn}.sqlite") as outbox:
            _add(outbox, envelopes, TOGETHER)
            work = lambda box=outbox: box.work(netmail.Transport(url, window=16))  # noqa: E731
            found["outbox"].append(_rate(SENT, work))
            if outbox.status().sent != SENT:
                raise SystemExit(str(outbox.status()))
        found["stream"].append(_rate(SENT, lambda: _stream(url, envelopes)))
    pairs = zip(found["outbox"], found["stream"], strict=True)
    ratio = statistics.median(ours / others for ours, others in pairs)
    rate = statistics.median(found["outbox"])
    print(
        f"  messages/s: {rate:,.0f} from the outbox (the aim is {AIMS['sends']:,.0f}),"
        f" {statistics.median(found['stream']):,.0f} by stream(): x{ratio:.2f}"
        f" (the aim is x{AIMS['ratio']})",
        flush=True,
    )
    return rate >= AIMS["sends"] and ratio >= AIMS["ratio"]


def _stream(url: str, envelopes: list[object]) -> None:
    import netmail

    with netmail.Transport(url) as transport, transport.stream(envelopes) as results:
        if not all(results):
            raise SystemExit("a message was refused")


def _rate(count: int, side: Callable[[], object]) -> float:
    begun = time.perf_counter()
    side()
    return count / (time.perf_counter() - begun)
