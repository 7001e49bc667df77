"""What an engine needs is checked at the start, and the error names it."""

import celery
import pytest

from delivery.claims.daemons import Redis
from delivery.scripted import ScriptedTransport
from netmail import Message, UsageError
from netmail.delivery import DeliveryFailed, Mailer
from servers.process import ServerMissing, open_folder

NOWHERE = "redis://127.0.0.1:1/0"


def mailer(use, **directives):
    """Return a mailer with an engine."""
    return Mailer({"transport.use": ScriptedTransport(), "manager": {"use": use, **directives}})


def own_app(**conf):
    """Return an application with all settings but those that are given."""
    app = celery.Celery("own", broker=NOWHERE, set_as_current=False)
    options = {"visibility_timeout": 600, "unacked_restore_interval": 5}
    defaults = {"worker_prefetch_multiplier": 1, "broker_transport_options": options}
    app.conf.update({**defaults, **conf})
    return app


@pytest.mark.parametrize(
    ("conf", "name"),
    [
        ({"worker_prefetch_multiplier": 4}, "worker_prefetch_multiplier"),
        ({"accept_content": ["pickle"]}, "accept_content"),
        ({"broker_transport_options": {"unacked_restore_interval": 1}}, "visibility_timeout"),
        ({"broker_transport_options": {"visibility_timeout": 1}}, "unacked_restore_interval"),
    ],
)
def test_own_celery_application(conf, name):
    """Each setting that loses messages is named; with all of them it is taken."""
    with pytest.raises(UsageError, match=name):
        mailer("celery", app=own_app(**conf), claims=NOWHERE).start()
    app = own_app()
    assert mailer("celery", app=app, claims=NOWHERE).manager.app is app


def test_celery_application_has_what_is_needed():
    """The task is acknowledged late, and given back when its worker is lost."""
    app = mailer("celery", broker=NOWHERE).manager.app
    task = app.tasks["netmail.deliver"]

    assert task.acks_late
    assert task.reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.broker_transport_options["visibility_timeout"] == 600


@pytest.mark.parametrize(
    ("use", "directives", "name"),
    [
        ("celery", {}, "'broker'"),
        ("celery", {"app": own_app()}, "'broker'"),
        ("celery", {"broker": NOWHERE, "visibility_timeout": 300}, "visibility_timeout"),
        ("procrastinate", {}, "'database'"),
        ("procrastinate", {"database": "", "heartbeat": 0}, "heartbeat"),
        ("procrastinate", {"database": "", "keep": 0}, "keep"),
        ("celery", {"broker": NOWHERE, "keep": 600}, "keep"),
    ],
)
def test_directives(use, directives, name):
    """What is missing or means nothing is found when the mailer is made."""
    with pytest.raises(UsageError, match=name):
        mailer(use, **directives)


@pytest.mark.parametrize(
    ("use", "directives"),
    [
        ("celery", {"broker": NOWHERE}),
        ("procrastinate", {"database": "postgresql://127.0.0.1:1/none"}),
    ],
)
def test_server_that_is_not_there(use, directives):
    """The start says so."""
    with pytest.raises(UsageError, match="cannot be used"):
        mailer(use, **directives).start()


@pytest.fixture
def forgetful(request):
    """A Redis with other settings than netmail needs."""
    with open_folder("redis") as folder:
        try:
            server = Redis(folder, *request.param)
        except ServerMissing as error:
            pytest.skip(str(error))
        with server:
            yield server.url


@pytest.mark.servers
@pytest.mark.parametrize("forgetful", [("--appendonly", "no")], indirect=True)
def test_redis_that_keeps_nothing(forgetful):
    """It is refused unless the configuration says that this is known."""
    with pytest.raises(UsageError, match="appendonly yes"):
        mailer("celery", broker=forgetful).start()
    with mailer("celery", broker=forgetful, durable="no", max_size=400) as running:
        with pytest.raises(DeliveryFailed, match="max_size"):
            running.send(Message("a@x.test", "b@x.test", plain="t" * 500))
        receipt = running.send(Message("a@x.test", "b@x.test"))

        assert not receipt.done()


@pytest.mark.servers
@pytest.mark.parametrize(
    "forgetful",
    [("--maxmemory", "100mb", "--maxmemory-policy", "volatile-lru")],
    indirect=True,
)
def test_redis_that_evicts(forgetful):
    """Claims have a time limit, so each policy but one may evict them."""
    with pytest.raises(UsageError, match="noeviction"):
        mailer("celery", broker=forgetful).start()
