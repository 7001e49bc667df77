"""OAuth 2.0 access tokens that a caller's function returns: when it is called and awaited.

This file must not know a protocol, nor what a token says.
"""

import inspect
from collections.abc import Callable, Generator

from netmail.curl.connection import Connection
from netmail.curl.wire_log import forms_of
from netmail.errors import UsageError
from netmail.flows.flow import TokenNeeded
from netmail.options.options import check_token
from netmail.secret import Secret


class Obtain:
    """Ask the driver to call a function, and to wait for what it returns if that can be awaited.

    Attributes:
        source: The function.
        value: What it has returned.
    """

    __slots__ = ("source", "value")

    def __init__(self, source: Callable[[], object]) -> None:
        self.source = source
        self.value: object = None

    def call(self) -> None:
        """Call the function, for a driver that cannot await.

        Raises:
            UsageError: If what it returns has to be awaited.
        """
        value = self.source()
        if inspect.iscoroutine(value):
            value.close()  # else Python warns that it was never awaited
        if inspect.isawaitable(value):
            raise UsageError(
                "oauth2_token returns an awaitable, which a blocking client cannot await: pass a "
                "plain function, or use the asyncio client"
            )
        self.value = value

    async def call_and_await(self) -> None:
        """Call the function, and await what it returns if that can be awaited."""
        value = self.source()
        self.value = await value if inspect.isawaitable(value) else value


def token_before_login(connection: Connection) -> Generator[Obtain, None, None]:
    """Obtain the token before a connection is made: a server does not wait long for a login.

    Raises:
        UsageError: If the function returns no usable token.
    """
    source = connection.options.oauth2_token
    if source is None or isinstance(source, Secret):
        return
    connection.token = yield from _obtain(source)


def serve(connection: Connection, request: TokenNeeded) -> Generator[Obtain, None, None]:
    """Give a login its token: the one obtained for this connection, or else a new one."""
    source = connection.options.oauth2_token
    if source is None or isinstance(source, Secret):
        request.token = source
        return
    # Each token is for one login: the next one, such as that after UNAUTHENTICATE, may be hours
    # later.
    request.token, connection.token = connection.token, None
    if request.token is None or request.fresh:
        try:
            request.token = yield from _obtain(source)
        except Exception as error:  # noqa: BLE001 -- the caller's: the login raises it unchanged
            request.error = error
            return
    connection.opened.wire_log.add_secrets(forms_of(request.token))


def _obtain(source: Callable[[], object]) -> Generator[Obtain, None, Secret]:
    step = Obtain(source)
    yield step
    return check_token(step.value)
