"""Images in "data:" URLs of HTML, made into parts that the HTML names by "cid:".

This file must not know the message around the HTML.
"""

import binascii
import re

from netmail.mime.writer.content import Octets
from netmail.mime.writer.draft import AttachedFile

# dataurl = "data:" [ mediatype ] [ ";base64" ] "," data      RFC 2397 section 3
# An image's URL begins directly after the quote of an attribute, or after CSS's "url(".
_START = re.compile(r"([\"'(])data:(image/[a-z0-9.+-]{1,60})", re.IGNORECASE)

_CLOSING = {'"': '"', "'": "'", "(": ")"}

_SUFFIX = {"jpeg": "jpg", "svg+xml": "svg", "x-icon": "ico", "vnd.microsoft.icon": "ico"}


def images_taken_out(html: str, seed: str) -> tuple[str, tuple[AttachedFile, ...]]:
    """Replace images in "data:" URLs by references to parts.

    An image that occurs twice becomes one part. A URL that cannot be decoded is left as it is.

    Args:
        html: The HTML.
        seed: Makes the content identifiers unique.

    Returns:
        The HTML, and the images.

    RFC 2397, RFC 2392.
    """
    pieces: list[str] = []
    images: dict[tuple[str, bytes], AttachedFile] = {}
    done = 0
    while start := _START.search(html, done):
        # A URL that is never closed or contains no image is skipped as a whole: each octet is
        # read once.
        end = html.find(_CLOSING[start[1]], start.end())
        end = len(html) if end < 0 else end
        octets = _octets(html[start.end() : end])
        if octets is None:
            pieces.append(html[done:end])
            done = end
            continue
        kind = start[2].lower()
        image = images.setdefault((kind, octets), _image(kind, octets, len(images) + 1, seed))
        pieces.append(f"{html[done : start.start() + 1]}cid:{image.content_id}")
        done = end
    pieces.append(html[done:])
    return "".join(pieces), tuple(images.values())


def _image(kind: str, octets: bytes, number: int, seed: str) -> AttachedFile:
    subtype = kind.partition("/")[2]
    name = f"image{number}.{_SUFFIX.get(subtype, subtype)}"
    cid = f"image{number}.{seed}@netmail"
    return AttachedFile(Octets(octets), name, kind, content_id=cid, inline=True)


def _octets(rest: str) -> bytes | None:
    """Decode the rest after the media type: parameters, a comma, the data."""
    parameters, comma, data = rest.partition(",")
    if not comma or not data:
        return None
    import urllib.parse  # noqa: PLC0415  # only messages with images in their HTML need it

    octets = urllib.parse.unquote_to_bytes(data)
    if not parameters.lower().endswith(";base64"):
        return octets
    try:
        return binascii.a2b_base64(b"".join(octets.split()), strict_mode=True)
    except binascii.Error:
        return None
