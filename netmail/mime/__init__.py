"""Messages: building them and reading them. No network.

Names are loaded when they are first used, so that `import netmail` stays cheap.
"""

from importlib import import_module

TYPE_CHECKING = False  # type checkers take it for true; importing typing would cost 5 ms
if TYPE_CHECKING:
    from netmail.address import Address, Group
    from netmail.mime.defects import Defect, DefectKind, DefectSeverity
    from netmail.mime.fields.headers import Headers
    from netmail.mime.limits import MessageLimits
    from netmail.mime.mail import Mail
    from netmail.mime.mbox import parse_maildir, parse_mbox
    from netmail.mime.parser import parse
    from netmail.mime.partial import rejoin
    from netmail.mime.parts.attachment import Attachment
    from netmail.mime.parts.part import Part

_HOMES = {
    "Address": "netmail.address",
    "Attachment": "netmail.mime.parts.attachment",
    "Defect": "netmail.mime.defects",
    "Group": "netmail.address",
    "Headers": "netmail.mime.fields.headers",
    "DefectKind": "netmail.mime.defects",
    "MessageLimits": "netmail.mime.limits",
    "Mail": "netmail.mime.mail",
    "Part": "netmail.mime.parts.part",
    "DefectSeverity": "netmail.mime.defects",
    "parse": "netmail.mime.parser",
    "parse_maildir": "netmail.mime.mbox",
    "parse_mbox": "netmail.mime.mbox",
    "rejoin": "netmail.mime.partial",
}
"""Which file each name is in."""

__all__ = [
    "Address",
    "Attachment",
    "Defect",
    "DefectKind",
    "DefectSeverity",
    "Group",
    "Headers",
    "Mail",
    "MessageLimits",
    "Part",
    "parse",
    "parse_maildir",
    "parse_mbox",
    "rejoin",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value
