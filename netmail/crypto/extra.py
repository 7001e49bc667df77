"""The extra `crypto`: importing this module fails, and names it, where it is not installed.

This file must not know what is done with it.
"""

from netmail import UsageError

try:
    import cryptography  # noqa: F401 -- only whether it is there
except ImportError as missing:
    raise UsageError(
        f"{missing.name} is missing: S/MIME and DKIM need it; pip install netmail[crypto]"
    ) from missing
