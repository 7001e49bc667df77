"""Queries of a mailbox of 20,000 messages that is 50 ms away: round trips, and their time.

A proxy on loopback between the client and Dovecot hands on what it gets 25 ms later, in each
direction. The round trips of a query are how often the client waits for the server to reply: what
is sent while a reply is outstanding costs none.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

from benchmarks.imap_pipeline import delayed

COUNT, TODAY, WANTED = 20_000, 200, 1_000
SECONDS = 10
"""Any of them takes less, on any machine: an aim of round trips needs no more."""


class Trips(logging.Handler):
    """Counts how often lines of the client follow lines of the server."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.trips = 0
        self._sent = False

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one line of the log."""
        side = record.getMessage()[:2]
        if side == "C:" and not self._sent:
            self.trips += 1
        if side in {"C:", "S:"}:
            self._sent = side == "C:"


@contextmanager
def counting() -> Iterator[Trips]:
    """Count the round trips of what is done in a block, from the connection on."""
    trips = Trips()
    logger = logging.getLogger("netmail.wire")
    logger.addHandler(trips)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield trips
    finally:
        logger.removeHandler(trips)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


def messages(now: datetime) -> Iterator:
    """Messages of 1.7 kB: some hundred of today, the others of the last years; one in two read."""
    import netmail

    body = "x" * 70 + "\r\n"
    for number in range(COUNT):
        is_of_today = number >= COUNT - TODAY
        age = (
            timedelta(hours=2) if is_of_today else timedelta(minutes=50 * (COUNT - number) + 4_000)
        )
        text = (
            f"From: Ann {number % 50} <ann{number % 50}@example.test>\r\n"
            f"To: me@example.test\r\nSubject: Message {number}\r\n\r\n{body * 22}"
        )
        yield netmail.Upload(text.encode(), [r"\Seen"] if number % 2 else [], now - age)


def measured(title: str, trips: Trips, aim: int, work: Callable[[], int], expected: int) -> bool:
    """Make a query twice, count its round trips and its time, print both; tell of the aim."""
    work()  # Dovecot builds its cache of headers
    before, begun = trips.trips, time.perf_counter()
    result = work()
    seconds, found = time.perf_counter() - begun, trips.trips - before
    if result != expected:
        raise AssertionError(f"{title}: {result} and not {expected}")
    print(f"  {title:<40}{found} round trips, {seconds * 1000:5.0f} ms; aim {aim}", flush=True)
    return found == aim and seconds < SECONDS


def run() -> bool:
    """Measure and print; tell whether the aims are met."""
    import netmail
    import netmail.query
    from servers.dovecot import Dovecot
    from servers.process import open_folder

    now = datetime.now(UTC).replace(microsecond=0)
    # Noon, wherever that is: the day before and after it is far.
    zone = timezone(timedelta(hours=12 - now.hour))
    today = now.astimezone(zone).date()
    with open_folder("bench") as folder, Dovecot.start(folder) as server:
        user = server.fresh_user()
        with netmail.imap(server.url("imap", user), tls=netmail.TLS_NONE) as imap:
            for each in imap.append_many("INBOX", messages(now)):
                each.result()
        options = {"username": user.name, "password": user.password, "tls": netmail.TLS_NONE}
        with (
            delayed((server.host, server.ports.imap)) as (host, port),
            counting() as trips,
            netmail.query.connect(host=host, port=port, zone=zone, **options) as db,
        ):
            db.define_tables({"INBOX": "INBOX"})
            inbox = db.INBOX
            unread = (inbox.seen == False) & (inbox.created == today) & (inbox.size < 6_000)  # noqa: E712
            fields = (inbox.uid, inbox.sender, inbox.subject, inbox.created)

            def newest() -> int:
                return len(db(inbox).select(*fields, limitby=(0, WANTED)))

            met = [
                measured("today's unseen < 6,000, WITHIN", trips, 1, db(unread).count, TODAY // 2),
                measured("newest 1,000 of 20,000, four fields", trips, 2, newest, WANTED),
            ]
            db._scope.knowledge.left_out.add("WITHIN")  # noqa: SLF001 -- a server that has none
            met.append(
                measured(
                    "today's unseen < 6,000, no WITHIN", trips, 2, db(unread).count, TODAY // 2
                )
            )
    return all(met)
