"""SMTP, IMAP and POP3 (and the messages they carry): libcurl dials, netmail talks.

The one door: everything that people use is a name of this module. A name is loaded when it is
first used, so that `import netmail` costs next to nothing and `parse()` never loads libcurl.
"""

TYPE_CHECKING = False  # type checkers take it for true; importing typing would cost 5 ms
if TYPE_CHECKING:
    from netmail.address import Address, Group
    from netmail.clients.async_imap import AsyncImap
    from netmail.clients.async_pop3 import AsyncPOP3
    from netmail.clients.async_transport import AsyncTransport
    from netmail.clients.factories import imap, pop3, smtp
    from netmail.clients.imap import Imap
    from netmail.clients.pop3 import POP3
    from netmail.clients.transport import Transport
    from netmail.envelope import Envelope
    from netmail.errors import (
        AuthenticationError,
        BusyError,
        CapabilityError,
        ConnectError,
        ConnectionLost,
        ImapError,
        LimitError,
        MailTimeout,
        MessageError,
        NetmailError,
        Phase,
        Pop3Error,
        ProtocolError,
        ProxyError,
        RecipientsRefused,
        ReplyError,
        SenderRefused,
        SmtpError,
        StateError,
        TlsError,
        TransportError,
        UsageError,
    )
    from netmail.limits import MessageLimits, ServerLimits
    from netmail.mime.defects import Defect, DefectKind, DefectSeverity
    from netmail.mime.fields.headers import Headers
    from netmail.mime.mail import Mail
    from netmail.mime.mbox import parse_maildir, parse_mbox
    from netmail.mime.parser import parse
    from netmail.mime.partial import rejoin
    from netmail.mime.parts.attachment import Attachment
    from netmail.mime.parts.part import Part
    from netmail.mime.writer.message import Message, message
    from netmail.options.options import TLS_ALL, TLS_CONTROL, TLS_NONE, TLS_TRY, Options, TlsMode
    from netmail.results.pop3 import ScanListing, Stat, UniqueId
    from netmail.results.smtp import (
        AddressVerification,
        MessageResult,
        RecipientResult,
        SendReport,
        SendStage,
        SmtpReply,
    )
    from netmail.secret import Secret

__all__ = [
    "POP3",
    "TLS_ALL",
    "TLS_CONTROL",
    "TLS_NONE",
    "TLS_TRY",
    "Address",
    "AddressVerification",
    "AsyncImap",
    "AsyncPOP3",
    "AsyncTransport",
    "Attachment",
    "AuthenticationError",
    "BusyError",
    "CapabilityError",
    "ConnectError",
    "ConnectionLost",
    "Defect",
    "DefectKind",
    "DefectSeverity",
    "Envelope",
    "Group",
    "Headers",
    "Imap",
    "ImapError",
    "LimitError",
    "Mail",
    "MailTimeout",
    "Message",
    "MessageError",
    "MessageLimits",
    "MessageResult",
    "NetmailError",
    "Options",
    "Part",
    "Phase",
    "Pop3Error",
    "ProtocolError",
    "ProxyError",
    "RecipientResult",
    "RecipientsRefused",
    "ReplyError",
    "ScanListing",
    "Secret",
    "SendReport",
    "SendStage",
    "SenderRefused",
    "ServerLimits",
    "SmtpError",
    "SmtpReply",
    "Stat",
    "StateError",
    "TlsError",
    "TlsMode",
    "Transport",
    "TransportError",
    "UniqueId",
    "UsageError",
    "imap",
    "message",
    "parse",
    "parse_maildir",
    "parse_mbox",
    "pop3",
    "rejoin",
    "smtp",
]

_HOMES = {
    "netmail.clients.async_imap": "AsyncImap",
    "netmail.clients.async_pop3": "AsyncPOP3",
    "netmail.clients.async_transport": "AsyncTransport",
    "netmail.clients.factories": "imap pop3 smtp",
    "netmail.clients.imap": "Imap",
    "netmail.clients.pop3": "POP3",
    "netmail.clients.transport": "Transport",
    "netmail.errors": (
        "AuthenticationError BusyError CapabilityError ConnectError ConnectionLost ImapError "
        "LimitError MailTimeout MessageError NetmailError Phase Pop3Error ProtocolError "
        "ProxyError RecipientsRefused ReplyError SenderRefused SmtpError StateError TlsError "
        "TransportError UsageError"
    ),
    "netmail.limits": "MessageLimits ServerLimits",
    "netmail.address": "Address Group",
    "netmail.mime.writer.message": "Message message",
    "netmail.mime.parts.attachment": "Attachment",
    "netmail.mime.defects": "Defect DefectKind DefectSeverity",
    "netmail.mime.fields.headers": "Headers",
    "netmail.mime.mail": "Mail",
    "netmail.mime.mbox": "parse_maildir parse_mbox",
    "netmail.mime.parser": "parse",
    "netmail.mime.partial": "rejoin",
    "netmail.mime.parts.part": "Part",
    "netmail.options.options": "TLS_ALL TLS_CONTROL TLS_NONE TLS_TRY Options TlsMode",
    "netmail.results.pop3": "ScanListing Stat UniqueId",
    "netmail.results.smtp": (
        "AddressVerification MessageResult RecipientResult SendReport SendStage SmtpReply"
    ),
    "netmail.secret": "Secret",
    "netmail.envelope": "Envelope",
}
"""Where each name lives."""

if not TYPE_CHECKING:  # else every misspelt name would seem to exist

    def __getattr__(name: str) -> object:
        for home, names in _HOMES.items():
            if name in names.split():
                from importlib import import_module  # noqa: PLC0415 -- only on first use

                value = globals()[name] = getattr(import_module(home), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
