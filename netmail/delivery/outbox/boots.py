"""Which boot of the machine this is: what was written before a power loss is known by it.

This file must not know what is written.
"""

from functools import cache
from pathlib import Path
from typing import Final

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@cache
def boot_id() -> str:
    """Return the machine's identifier of this boot, "" where it has none.

    Linux draws one at each start; elsewhere none is known.
    """
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""
