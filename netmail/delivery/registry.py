"""Managers and transports by name: netmail's own, and those that other packages add.

This file must not know what they do. A package adds its own by an entry point of the group
`netmail.managers` or `netmail.transports`.
"""

import difflib
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final, cast

from netmail import UsageError
from netmail.delivery.interfaces import Manager, MessageTransport, TransportFactory

_HERE: Final = "netmail.delivery"
OWN: Final[dict[str, dict[str, str]]] = {
    "managers": {
        "immediate": f"{_HERE}.managers.immediate:ImmediateManager",
        "futures": f"{_HERE}.managers.futures:FuturesManager",
        "dynamic": f"{_HERE}.managers.dynamic:DynamicManager",
        "asyncio": f"{_HERE}.managers.asyncio:AsyncioManager",
        "outbox": f"{_HERE}.managers.outbox:OutboxManager",
        "celery": f"{_HERE}.celery:CeleryManager",
        "procrastinate": f"{_HERE}.procrastinate:ProcrastinateManager",
    },
    "transports": {
        "log": f"{_HERE}.transports.log:LogTransport",
        "mock": f"{_HERE}.transports.mock:MockTransport",
        "smtp": f"{_HERE}.transports.smtp:SmtpTransport",
        "lmtp": f"{_HERE}.transports.smtp:LmtpTransport",
        "imap": f"{_HERE}.transports.imap:ImapTransport",
        "mbox": f"{_HERE}.transports.mbox:MboxTransport",
        "maildir": f"{_HERE}.transports.maildir:MaildirTransport",
        "ses": f"{_HERE}.transports.ses:SesTransport",
        "sendgrid": f"{_HERE}.transports.sendgrid:SendgridTransport",
        "appengine": f"{_HERE}.transports.appengine:AppengineTransport",
        "sendmail": f"{_HERE}.transports.sendmail:SendmailTransport",
        "failover": f"{_HERE}.transports.several:FailoverTransport",
        "round-robin": f"{_HERE}.transports.several:RoundRobinTransport",
    },
}


def manager_class(use: object) -> Callable[[dict[str, object], TransportFactory], Manager]:
    """Return what makes a manager.

    Args:
        use: Its name, "package.module:Class", or the class itself.

    Raises:
        UsageError: If there is none.
    """
    return cast("Callable[[dict[str, object], TransportFactory], Manager]", _find(use, "managers"))


def transport_class(use: object) -> Callable[[dict[str, object]], MessageTransport]:
    """Return what makes a transport.

    Args:
        use: Its name, "package.module:Class", or the class itself.

    Raises:
        UsageError: If there is none.
    """
    return cast("Callable[[dict[str, object]], MessageTransport]", _find(use, "transports"))


def _find(use: object, group: str) -> object:
    if callable(use):
        return use
    if not isinstance(use, str) or not use:
        raise UsageError(f"{group[:-1]}.use is {use!r}, not a name or a class")
    own = OWN[group]
    if ":" in use:
        return _load(use, group)
    if use in own:
        return _load(own[use], group)
    added = {point.name: point for point in entry_points(group=f"netmail.{group}")}
    if use in added:
        return added[use].load()
    names = sorted({*own, *added})
    near = difflib.get_close_matches(use, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
    raise UsageError(f"{group[:-1]}.use: {use!r} is unknown; {hint}")


def _load(path: str, group: str) -> object:
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    # ValueError, TypeError: an empty or a relative name of a module.
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise UsageError(f"{group[:-1]}.use: {path!r} cannot be loaded: {error}") from error
    if not callable(found):
        raise UsageError(f"{group[:-1]}.use: {path!r} is no class: {found!r:.60}")
    return cast("object", found)
