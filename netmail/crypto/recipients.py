"""The authors and recipients that a header shows; each hidden recipient gets a copy of its own.

This file must not know keys or certificates.
"""

from collections.abc import Iterable

from netmail import Envelope, Mail, UsageError, parse


def same_address(address: str) -> tuple[str, str]:
    """Return what two spellings of one address have in common.

    RFC 5321 section 2.4: the domain is compared without case, the local part is not.
    """
    local, _, domain = address.rpartition("@")
    # The local part belongs to its host: some make a difference between Ann and ann.
    return local, domain.lower()


def authors_of(mail: Mail) -> list[str]:
    """Return the addresses of the authors.

    RFC 5322 section 3.6: From is there once. Of several fields programs show one or another: then
    the only author is "", which is nobody's address.
    """
    if len(mail.headers.get_all("from")) > 1:
        return [""]
    return [each.address for each in mail.from_]


def groups(envelope: Envelope, header: bytes) -> list[tuple[str, ...]]:
    """Divide the recipients: those that the header shows together, each other one alone.

    An encrypted message shows for how many keys it is, and mostly for which.

    Raises:
        UsageError: If there is no recipient.

    RFC 5322 section 3.6.3.
    """
    if len(envelope.recipients) == 1:
        # Seen or hidden, one recipient is alone.
        return [envelope.recipients]
    mail = parse(header + b"\r\n")
    # Only To and Cc are shown to all; whatever else the envelope has is hidden from the others.
    shown = {same_address(each.address) for each in (*mail.to, *mail.cc)}
    visible = tuple(each for each in envelope.recipients if same_address(each) in shown)
    hidden: list[tuple[str, ...]] = [
        (each,) for each in envelope.recipients if same_address(each) not in shown
    ]
    found = [visible, *hidden] if visible else hidden
    if not found:
        raise UsageError("the message has no recipient")
    return found


def missing(recipients: Iterable[str], known: Iterable[tuple[str, str]]) -> list[str]:
    """Return the recipients that nothing is known for."""
    keys = set(known)
    return [each for each in recipients if same_address(each) not in keys]
