"""SMTP, IMAP and POP3: libcurl dials, netmail talks."""

from netmail.clients.async_imap import AsyncImap
from netmail.clients.async_pop3 import AsyncPOP3
from netmail.clients.imap import Imap
from netmail.clients.pop3 import POP3
from netmail.options import TLS_ALL, TLS_CONTROL, TLS_NONE, TLS_TRY

__all__ = [
    "POP3",
    "TLS_ALL",
    "TLS_CONTROL",
    "TLS_NONE",
    "TLS_TRY",
    "AsyncImap",
    "AsyncPOP3",
    "Imap",
]
