"""The manager `celery`: messages are tasks of Celery workers, on this machine or on others.

This file must not know any transport. Redis keeps the queue and the claims.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from netmail import RetryPolicy, UsageError
from netmail.delivery.claims.deliveries import LONG_RETRY, Deliveries
from netmail.delivery.claims.engine_manager import EngineManager
from netmail.delivery.claims.store import Json
from netmail.delivery.directives import read_directives
from netmail.delivery.interfaces import TransportFactory

try:
    from celery import Celery
    from kombu.exceptions import OperationalError

    from netmail.delivery.claims.redis_store import RedisClaims
except ImportError as error:
    raise UsageError('manager celery: pip install "netmail[celery]"') from error

# Where the least of these is missing, a killed worker's messages come back late or never.
# kombu's own values are an hour, and a look each ten times ten seconds.
_BROKER_OPTIONS: Final = ("visibility_timeout", "unacked_restore_interval")


@dataclass(frozen=True)
class CeleryDirectives:
    """The directives of `celery`.

    Attributes:
        broker: The URL of the Redis that keeps the queue; also the claims' if `claims` is "".
        app: An application of your own, whose settings are checked then; `None` for a new one.
        claims: The URL of the Redis that keeps claims and results.
        queue: The name of the queue.
        visibility_timeout: Seconds after which what a killed worker has begun is given to another
            one; longer than the longest wait of `retry`, and than a message ever takes.
        max_size: Octets of the largest message.
        keep: Seconds after which claims and results are forgotten.
        durable: Whether a Redis that keeps nothing on disk is refused.
        retry: When a message is tried again; how often, a `Message` says itself.
    """

    broker: str = ""
    app: object = None
    claims: str = ""
    queue: str = "netmail"
    visibility_timeout: float = 600
    max_size: int = 10_000_000
    keep: float = 7 * 86_400
    durable: bool = True
    retry: RetryPolicy = LONG_RETRY

    def __post_init__(self) -> None:
        if not self.broker and (self.app is None or not self.claims):
            raise UsageError("manager celery: the directive 'broker' is missing")
        longest = RetryPolicy(1, self.retry.max_delay, self.retry.max_delay, 0).delays()
        if self.visibility_timeout <= next(longest):
            raise UsageError("manager celery: visibility_timeout is not above retry.max_delay")
        # A task comes back after that time: without its claim it would be sent twice.
        if self.keep <= self.visibility_timeout:
            raise UsageError("manager celery: keep is not above visibility_timeout")


class CeleryManager(EngineManager):
    """Hands messages to Celery workers, which deliver each once, or park it.

    A worker is `celery -A MODULE worker`, where the module has a mailer of the same configuration
    and `app = mailer.manager.app`.
    """

    _unreachable = OperationalError

    def __init__(self, config: dict[str, object], transport: TransportFactory) -> None:
        self._given = given = read_directives(CeleryDirectives, config, "manager celery")
        store = RedisClaims(given.claims or given.broker, given.keep, durable=given.durable)
        # A task that waits for its time counts as begun: were it given to another worker, each of
        # the two would be repeated again.
        longest = given.visibility_timeout / 2
        super().__init__(Deliveries(store, transport, given.retry, longest), given.max_size)

    @cached_property
    def app(self) -> Any:
        """The Celery application with the task `netmail.deliver`, for workers.

        Raises:
            UsageError: If a setting of an application of your own loses messages; it is named.
        """
        app: Any = self._given.app or self._new_app()
        check_settings(app)

        def deliver(task: Any, payload: Json) -> None:
            try:
                following = self._deliveries.deliver(payload)
                if following is not None:
                    self._enqueue(*following)
            except Exception as error:
                # The store cannot be reached: what was claimed is parked by the next run.
                # Without a limit: after the last one, the message would be lost with its task.
                # A failed task counts as done for Celery, late acknowledgement or not.
                raise task.retry(exc=error, countdown=10) from error

        self._task = app.task(
            name="netmail.deliver",
            bind=True,
            shared=False,  # not a task of every other application in the process
            # Settings of the task itself: those of an application of your own cannot undo them.
            acks_late=True,
            reject_on_worker_lost=True,
            ignore_result=True,
            serializer="json",
            max_retries=None,
        )(deliver)
        return app

    def _new_app(self) -> Any:
        app = Celery("netmail", broker=self._given.broker, set_as_current=False)
        app.conf.update(
            # No object of Python is in a task: a queue that others can write to runs no code.
            accept_content=["json"],
            task_default_queue=self._given.queue,
            # What a killed worker has fetched beyond its task comes back as late as the task.
            worker_prefetch_multiplier=1,
            broker_connection_retry_on_startup=True,
            broker_transport_options={
                "visibility_timeout": self._given.visibility_timeout,
                "unacked_restore_interval": 5,
                # kombu looks only at every tenth chance where this is not set.
                "unacked_restore_throttle": 1,
            },
        )
        return app

    def startup(self) -> None:
        """Check the settings of the application and of Redis.

        Raises:
            UsageError: If one of them loses messages; it is named.
        """
        # Both before the first message: what is missing is not found by losing it.
        _ = self.app
        self._deliveries.store.check()

    def _enqueue(self, payload: Json, delay: float = 0) -> None:
        self._task.apply_async([payload], countdown=delay or None, queue=self._given.queue)

    def shutdown(self) -> None:
        """Close the connections; what is queued is with the workers."""
        self._deliveries.store.close()
        if self._given.app is None:
            self.app.close()


def check_settings(app: Any) -> None:
    """Check that an application loses no message when a worker is killed.

    Raises:
        UsageError: Naming the first setting that does.
    """
    if app.conf.worker_prefetch_multiplier != 1:
        raise UsageError("Celery: set worker_prefetch_multiplier = 1")
    if "json" not in app.conf.accept_content:
        raise UsageError('Celery: accept_content needs "json"')
    options = app.conf.broker_transport_options or {}
    for name in _BROKER_OPTIONS:
        if name not in options:
            raise UsageError(f"Celery: broker_transport_options needs {name!r}")
