"""The servers, each started once a session and only where a test asks for it.

Nothing here knows what is tested. A server that cannot be had skips its tests with a sentence, but
not where CI=true says that nothing may be left out.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import coverage
import pytest
from hypothesis import HealthCheck, settings

from servers.certificates import Certificates
from servers.cyrus import Cyrus
from servers.dovecot import Dovecot
from servers.kerberos import Kerberos
from servers.microsocks import Microsocks
from servers.postfix import Postfix
from servers.process import Server, ServerMissing, open_folder
from servers.scripted import ScriptedServer, Step
from servers.smtp_sink import SmtpSink
from servers.tinyproxy import Tinyproxy
from support.timing import full

S = TypeVar("S", bound=Server)

# No example is judged by the clock of a busy machine. CI draws the same examples every time, so
# that a change is judged by itself; developers draw new ones with every run, and so find more.
settings.register_profile(
    "developer",
    max_examples=full(200, quick=40),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("developer"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "developer")

REAL_SERVERS = frozenset(
    {"dovecot", "dovecot_logins", "dovecot_tickets", "kerberos", "cyrus", "smtp_sink"}
    | {"postfix", "postfix_logins", "postfix_tickets", "tinyproxy", "microsocks"}
)


def pytest_configure(config: pytest.Config) -> None:
    """Measure coverage in a worker of pytest-xdist, where `coverage run` started the tests.

    Programs that tests start are not measured: some look at what they have imported.
    """
    if "COVERAGE_RUN" in os.environ and hasattr(config, "workerinput"):
        measured = coverage.Coverage(data_suffix=True)
        config.add_cleanup(measured.save)
        config.add_cleanup(measured.stop)
        measured.start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses a real server: `-m "not servers"` leaves them out.

    A fixture that runs on several servers takes the name of one as its parameter.
    """
    for item in items:
        call = getattr(item, "callspec", None)
        parameters = call.params.values() if call is not None else ()
        names = {name for name in parameters if isinstance(name, str)}
        if REAL_SERVERS & names.union(getattr(item, "fixturenames", ())):
            item.add_marker("servers")


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for the servers' files, which service users may enter."""
    with open_folder("tests") as folder:
        yield folder


@pytest.fixture(scope="session")
def certificates(server_folder: Path) -> Certificates:
    """An authority, a good certificate, and one for each defect."""
    return Certificates.generate(server_folder)


@pytest.fixture(scope="session")
def dovecot_logins(certificates: Certificates) -> Iterator[Dovecot]:
    """Dovecot again, where client certificates and OAuth 2.0 tokens log in too."""
    with open_folder("logins") as folder:
        yield from _running(lambda: Dovecot.start(folder, certificates, more_logins=True))


@pytest.fixture(scope="session")
def kerberos(server_folder: Path) -> Iterator[Kerberos]:
    """A Kerberos realm with all users."""
    yield from _running(lambda: Kerberos.start(server_folder))


@pytest.fixture(scope="session")
def dovecot_tickets(certificates: Certificates, kerberos: Kerberos) -> Iterator[Dovecot]:
    """Dovecot again, where Kerberos tickets log in too."""
    with open_folder("tickets") as folder:
        yield from _running(lambda: Dovecot.start(folder, certificates, kerberos=kerberos))


@pytest.fixture(scope="session")
def postfix_tickets(dovecot_tickets: Dovecot) -> Iterator[Postfix]:
    """Postfix again, which takes the logins of `dovecot_tickets`."""
    with open_folder("tickets") as folder:
        yield from _running(lambda: Postfix.start(folder, dovecot_tickets))


@pytest.fixture(scope="session")
def postfix_logins(dovecot_logins: Dovecot) -> Iterator[Postfix]:
    """Postfix again, which takes the logins of `dovecot_logins`."""
    with open_folder("logins") as folder:
        yield from _running(lambda: Postfix.start(folder, dovecot_logins))


@pytest.fixture(scope="session")
def dovecot(server_folder: Path, certificates: Certificates) -> Iterator[Dovecot]:
    """Dovecot: IMAP, POP3, LMTP."""
    yield from _running(lambda: Dovecot.start(server_folder, certificates))


@pytest.fixture(scope="session")
def cyrus(server_folder: Path, certificates: Certificates) -> Iterator[Cyrus]:
    """Cyrus: IMAP with the extensions that Dovecot lacks, POP3, LMTP."""
    yield from _running(lambda: Cyrus.start(server_folder, certificates))


@pytest.fixture(scope="session")
def postfix(server_folder: Path, dovecot: Dovecot) -> Iterator[Postfix]:
    """Postfix, which delivers to `dovecot`."""
    yield from _running(lambda: Postfix.start(server_folder, dovecot))


@pytest.fixture(scope="session")
def smtp_sink(server_folder: Path) -> Iterator[SmtpSink]:
    """smtp-sink, which takes every message and forgets it."""
    yield from _running(lambda: SmtpSink.start(server_folder))


@pytest.fixture(scope="session")
def tinyproxy(server_folder: Path) -> Iterator[Tinyproxy]:
    """An HTTP proxy with a password."""
    yield from _running(lambda: Tinyproxy.start(server_folder))


@pytest.fixture(scope="session")
def microsocks(server_folder: Path) -> Iterator[Microsocks]:
    """A SOCKS5 proxy with a password."""
    yield from _running(lambda: Microsocks.start(server_folder))


@pytest.fixture
def scripted(certificates: Certificates) -> Iterator[Callable[..., ScriptedServer]]:
    """Servers that play steps, each made by a call such as `scripted(Send(b"* BYE"), Close())`.

    Afterwards each one must have played to its end, or the test fails.
    """
    servers: list[ScriptedServer] = []

    def start(*steps: Step, **options: object) -> ScriptedServer:
        servers.append(ScriptedServer(steps, certificates=certificates, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.join()


def _running(start: Callable[[], S]) -> Iterator[S]:
    """Start a server, lend it, stop it."""
    try:
        server = start()
    except ServerMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true leaves nothing out, but {missing}", pytrace=False)
        pytest.skip(str(missing))
    with server:
        yield server
