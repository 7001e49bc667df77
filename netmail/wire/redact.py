"""Take secrets out of text that a server sent.

This file must not know which texts are secret, and no protocol.
"""

from collections.abc import Iterable
from typing import Final

from netmail.secret import REDACTED
from netmail.wire.server_text import decode

SHORTEST: Final = 4
"""Characters of a secret that is looked for: a shorter one occurs in any sentence by chance."""


def redact(text: str, secrets: Iterable[bytes]) -> str:
    """Replace each secret that a text repeats: servers quote refused commands in their replies.

    Args:
        text: What the server sent, decoded by `server_text` if it was octets.
        secrets: The octets that were sent and must not be shown.
    """
    found = {decode(secret) for secret in secrets}
    # The longest first: a secret may begin with another one, and its rest would remain.
    for secret in sorted(found, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, REDACTED)
    return text


def unfinished(data: bytes, secrets: Iterable[bytes]) -> int:
    """Return how many octets at the end of `data` may be the beginning of a secret.

    Args:
        data: What has been received; the rest of a secret may follow.
        secrets: The octets that must not be shown.
    """
    longest = 0
    for secret in secrets:
        if len(secret) >= SHORTEST:
            for length in range(min(len(secret) - 1, len(data)), longest, -1):
                if data.endswith(secret[:length]):
                    longest = length
                    break
    return longest
