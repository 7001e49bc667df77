"""The manager `procrastinate`: messages are jobs in PostgreSQL, for workers on any machine.

This file must not know any transport.
"""

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from netmail import RetryPolicy, UsageError
from netmail.delivery.claims.deliveries import LONG_RETRY, Deliveries
from netmail.delivery.claims.engine_manager import EngineManager
from netmail.delivery.claims.store import Json
from netmail.delivery.directives import read_directives
from netmail.delivery.interfaces import TransportFactory

try:
    import procrastinate

    from netmail.delivery.claims.postgresql_store import PostgresqlClaims
except ImportError as error:
    raise UsageError('manager procrastinate: pip install "netmail[procrastinate]"') from error


@dataclass(frozen=True)
class ProcrastinateDirectives:
    """The directives of `procrastinate`.

    Attributes:
        database: The database, as psycopg takes it; it keeps the queue, claims and results.
        queue: The name of the queue.
        keep: Seconds after which claims and results are forgotten.
        heartbeat: Seconds between two signs of life of a worker; what one has begun that gives
            none for three times as long is given to another.
        max_size: Octets of the largest message.
        retry: When a message is tried again; how often, a `Message` says itself.
    """

    database: str
    queue: str = "netmail"
    keep: float = 7 * 86_400
    heartbeat: float = 10
    max_size: int = 10_000_000
    retry: RetryPolicy = LONG_RETRY

    def __post_init__(self) -> None:
        for name in ("heartbeat", "keep"):
            if not getattr(self, name) > 0:
                raise UsageError(f"manager procrastinate: {name} is a number of seconds above 0")


class ProcrastinateManager(EngineManager):
    """Hands messages to procrastinate's workers, which deliver each once, or park it.

    A worker is `procrastinate --app MODULE.app worker`, where the module has a mailer of the same
    configuration and `app = mailer.manager.app`.
    """

    _unreachable = procrastinate.exceptions.ConnectorException

    def __init__(self, config: dict[str, object], transport: TransportFactory) -> None:
        where = "manager procrastinate"
        self._given = given = read_directives(ProcrastinateDirectives, config, where)
        store = PostgresqlClaims(given.database, given.keep)
        super().__init__(Deliveries(store, transport, given.retry), given.max_size)

    @cached_property
    def app(self) -> procrastinate.App:
        """The application with the task `netmail.deliver` and its reaper, for workers."""
        given, queue = self._given, self._given.queue
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=given.database),
            worker_defaults={
                # What a killed worker has begun is found by its missing signs of life.
                "update_heartbeat_interval": given.heartbeat,
                "stalled_worker_timeout": 3 * given.heartbeat,
            },
        )

        # Of an error no message is lost: what was claimed then is parked by the next run.
        @app.task(name="netmail.deliver", queue=queue, retry=procrastinate.RetryStrategy(wait=10))
        async def deliver(payload: Json) -> None:
            # A transport blocks; the loop has the signs of life to give meanwhile.
            following = await asyncio.to_thread(self._deliveries.deliver, payload)
            if following is not None:
                await self._task_after(following[1]).defer_async(payload=following[0])

        # Seconds are cron's last field. A lock would be held by the reaper of a killed worker.
        @app.periodic(cron=f"* * * * * */{max(1, min(30, round(given.heartbeat)))}")
        @app.task(name="netmail.reap", queue=queue, pass_context=True)
        async def reap(context: procrastinate.JobContext, timestamp: int) -> None:
            del context, timestamp
            manager = app.job_manager
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=3 * given.heartbeat):
                # The claim decides what becomes of it: its message is parked, not sent again.
                await manager.retry_job(job)

        self._task: Any = deliver
        return app

    def startup(self) -> None:
        """Open the database, and check it.

        Raises:
            UsageError: If a setting of it loses messages, or procrastinate's tables are missing.
        """
        app = self.app
        self._deliveries.store.check()
        # The tables of procrastinate are its own to make and to migrate.
        app.open()
        if not app.check_connection():
            # Nothing stays open of a manager that has not started.
            app.close()
            raise UsageError(
                "procrastinate's tables are missing: procrastinate --app MODULE.app schema --apply"
            )

    def _enqueue(self, payload: Json, delay: float = 0) -> None:
        self._task_after(delay).defer(payload=payload)

    def _task_after(self, seconds: float) -> Any:
        return self._task.configure(schedule_in={"seconds": seconds})

    def shutdown(self) -> None:
        """Close the connections; what is queued is with the workers."""
        self._deliveries.store.close()
        self.app.close()
