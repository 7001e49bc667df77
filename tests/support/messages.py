"""Messages for tests: written by netmail and read by the standard library, or put together by hand.

This file knows no tested behaviour.
"""

from email import message_from_bytes, policy
from email.message import EmailMessage

from netmail import Message, parse

ALTERNATIVE = ["multipart/alternative", "text/plain", "text/html"]


def simple(**fields: object) -> Message:
    """Return a message of one recipient."""
    return Message("ann@example.org", "bob@example.org", "Hi", **fields)


def greeting() -> Message:
    """Return a built message of which the author has a name."""
    return simple(text="Yo").from_("Ann <ann@example.org>")


def read(built: Message, **transport: bool) -> EmailMessage:
    """Write a message for a transport, and read it with the standard library."""
    return message_from_bytes(built.as_bytes(**transport), policy=policy.default)


def types(built: Message) -> list[str]:
    """Return the media types of all parts."""
    return [part.get_content_type() for part in read(built).walk()]


def part(kind: str, body: str = "", *fields: str) -> str:
    """Return a part as text."""
    return "\n".join([f"Content-Type: {kind}", *fields, "", body])


def multi(subtype: str, *parts: str, boundary: str = "b") -> str:
    """Return a multipart as text."""
    inner = "".join(f"--{boundary}\n{each}\n" for each in parts)
    return part(f"multipart/{subtype}; boundary={boundary}", f"{inner}--{boundary}--\n")


def content(encoding: bytes, body: bytes) -> bytes:
    """Return what a body in a transfer encoding is read as."""
    head = b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: "
    return parse(head + encoding + b"\n\n" + body).root.content


PLAIN = part("text/plain", "plain")
HTML = part("text/html", "html")
IMAGE = part("image/png", "image", "Content-ID: <i>")
FILE = part("application/pdf", "file")
