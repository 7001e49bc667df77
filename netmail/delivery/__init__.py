"""Delivery: hand a message over, and continue; a manager brings it to its transport.

Built on the public names of netmail; `import netmail` does not load it.
"""

from netmail.delivery.bound_message import BoundMessage
from netmail.delivery.errors import (
    DeliveryError,
    DeliveryException,
    DeliveryFailed,
    DeliveryFailedException,
    MailConfigurationException,
    MailerNotRunning,
    MessageFailed,
    MessageFailedException,
    TransportExhausted,
    TransportExhaustedException,
    TransportFailed,
    TransportFailedException,
)
from netmail.delivery.interfaces import Manager, MessageTransport, TransportFactory
from netmail.delivery.mail_settings import CertificateFile, MailSettings
from netmail.delivery.mailer import Mailer
from netmail.delivery.templates import Template
from netmail.delivery.web2py_mail import Mail, MailAttachment

__all__ = [
    "BoundMessage",
    "CertificateFile",
    "DeliveryError",
    "DeliveryException",
    "DeliveryFailed",
    "DeliveryFailedException",
    "Mail",
    "MailAttachment",
    "MailConfigurationException",
    "MailSettings",
    "Mailer",
    "MailerNotRunning",
    "Manager",
    "MessageFailed",
    "MessageFailedException",
    "MessageTransport",
    "Template",
    "TransportExhausted",
    "TransportExhaustedException",
    "TransportFactory",
    "TransportFailed",
    "TransportFailedException",
]
