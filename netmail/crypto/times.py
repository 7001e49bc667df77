"""The time at which a message is judged or signed.

This file must not know messages, keys or signatures.
"""

from datetime import UTC, datetime

from netmail import UsageError


def moment_of(at: object) -> datetime:
    """Return the time that a caller gives, or that of the clock.

    Raises:
        UsageError: If it is no time, or has no time zone.
    """
    if at is None:
        return datetime.now(UTC)
    # Without a zone it would be another moment on a machine of another zone.
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise UsageError(f"at: {at!r:.40} is no time with a zone, such as datetime.now(UTC)")
    return at
