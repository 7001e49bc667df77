"""Messages: building them and reading them. No network.

Names are loaded when they are first used, so that `import netmail` stays cheap.
"""

from importlib import import_module

TYPE_CHECKING = False  # type checkers take it for true; importing typing would cost 5 ms
if TYPE_CHECKING:
    from netmail.mime.address import Address, Group
    from netmail.mime.read.attachment import Attachment
    from netmail.mime.read.defects import Defect, Kind, Severity
    from netmail.mime.read.headers import Headers
    from netmail.mime.read.limits import Limits
    from netmail.mime.read.mail import Mail
    from netmail.mime.read.mbox import parse_maildir, parse_mbox
    from netmail.mime.read.parse import parse
    from netmail.mime.read.part import Part
    from netmail.mime.read.partial import rejoin

_HOMES = {
    "Address": "address",
    "Attachment": "read.attachment",
    "Defect": "read.defects",
    "Group": "address",
    "Headers": "read.headers",
    "Kind": "read.defects",
    "Limits": "read.limits",
    "Mail": "read.mail",
    "Part": "read.part",
    "Severity": "read.defects",
    "parse": "read.parse",
    "parse_maildir": "read.mbox",
    "parse_mbox": "read.mbox",
    "rejoin": "read.partial",
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
