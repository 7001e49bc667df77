"""Messages: building them and reading them. No network.

Names are loaded when they are first used, so that `import netmail` stays cheap.
"""

from importlib import import_module

TYPE_CHECKING = False  # type checkers take it for true; importing typing would cost 5 ms
if TYPE_CHECKING:
    from netmail.mime.address import Address, Group
    from netmail.mime.attachment import Attachment
    from netmail.mime.defects import Defect, Kind, Severity
    from netmail.mime.headers import Headers
    from netmail.mime.limits import Limits
    from netmail.mime.mail import Mail
    from netmail.mime.mbox import parse_maildir, parse_mbox
    from netmail.mime.part import Part
    from netmail.mime.partial import rejoin
    from netmail.mime.read import parse

_HOMES = {
    "Address": "address",
    "Attachment": "attachment",
    "Defect": "defects",
    "Group": "address",
    "Headers": "headers",
    "Kind": "defects",
    "Limits": "limits",
    "Mail": "mail",
    "Part": "part",
    "Severity": "defects",
    "parse": "read",
    "parse_maildir": "mbox",
    "parse_mbox": "mbox",
    "rejoin": "partial",
}
"""Which file each name is in."""

__all__ = [
    "Address",
    "Attachment",
    "Defect",
    "Group",
    "Headers",
    "Kind",
    "Limits",
    "Mail",
    "Part",
    "Severity",
    "parse",
    "parse_maildir",
    "parse_mbox",
    "rejoin",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
