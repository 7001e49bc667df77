"""A message that was read, sent on: its envelope, and its octets as they came.

This file must not know how messages are read or written.
"""

import re

from netmail.address import Address
from netmail.envelope import Envelope
from netmail.errors import MessageError
from netmail.mime.mail import Mail
from netmail.mime.parser import parse
from netmail.mime.writer.input_address import addr_spec

# A whole Bcc or Resent-Bcc field with its continuation lines.
_HIDDEN = re.compile(
    rb"^(?:resent-)?bcc[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?", re.MULTILINE | re.IGNORECASE
)


def resent(mail: Mail) -> tuple[Envelope, bytes]:
    """Make the envelope of a message that was read, and take Bcc out of its octets.

    Without Bcc the octets are exactly those that came, and signatures stay good.

    Args:
        mail: A message that was read from octets.

    Raises:
        MessageError: If it has no octets or author, an address is none, it was resent before
            (who receives it then, only an `Envelope` can say), or Bcc cannot be cut out.

    RFC 5322 section 3.6.3.
    """
    if not mail.raw:
        raise MessageError("mail: it was not read from octets; build a Message instead")
    if any(name.lower().startswith("resent-") for name in mail.headers):
        raise MessageError("mail: it was resent before; give an Envelope with its octets")
    senders = [mail.sender] if mail.sender else mail.from_
    if not senders:
        raise MessageError("from: a message needs an author")
    listed = [_path(item) for item in (*mail.to, *mail.cc, *mail.bcc)]
    envelope = Envelope(_path(senders[0]), tuple(dict.fromkeys(listed)))
    if "bcc" not in mail.headers:
        return envelope, mail.raw
    head = mail.raw_headers
    octets = _HIDDEN.sub(b"", head) + mail.raw[len(head) :]
    # Our reader is more tolerant than the pattern: what it still finds, others may find too.
    if "bcc" in parse(octets).headers:
        raise MessageError("bcc: it cannot be cut out of this message")
    return envelope, octets


def _path(address: Address) -> str:
    return addr_spec(address.address, "mail")
