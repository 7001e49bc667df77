"""What the exit codes of sendmail and its substitutes mean for the message.

This file must not know how the program is run.
"""

import enum
import os
from pathlib import Path
from typing import Final


class Outcome(enum.Enum):
    """What has become of a message, by the exit code."""

    ACCEPTED = "accepted"
    REFUSED = "refused: no later try succeeds"
    LATER = "not accepted: a later try may succeed"
    SETUP = "not accepted: somebody has to change the program's setup"
    UNCERTAIN = "accepted or not"


_REFUSED, _LATER, _SETUP = Outcome.REFUSED, Outcome.LATER, Outcome.SETUP

# The codes of <sysexits.h>, as Sendmail 8 gives them. EX_TEMPFAIL (75) is missing, so uncertain:
# the message then is in the queue of Sendmail 8, and another try would send it twice.
_SYSEXITS: Final = {
    1: _LATER,
    2: _LATER,
    64: _SETUP,
    65: _REFUSED,
    66: _SETUP,
    67: _REFUSED,
    68: _REFUSED,
    69: _LATER,
    70: _LATER,
    77: _SETUP,
    78: _SETUP,
}
MTAS: Final[dict[str, dict[int, Outcome]]] = {
    # Every failure is 75, and then nothing is in the queue: the file appears there as a whole.
    "postfix": {**_SYSEXITS, 75: _LATER},
    "sendmail": _SYSEXITS,
    # Never <sysexits.h>: 1, or 2 without a usable recipient.
    "exim": {1: _LATER, 2: _REFUSED},
    # 70 is any refusal of its server, 4xx or 5xx, 69 a busy one, 68 a host without a name.
    "opensmtpd": {1: _LATER, 64: _SETUP, 65: _REFUSED, 68: _LATER, 69: _LATER, 70: _LATER},
    # 69 is a refusal of either kind, 75 no connection, 77 the login: all before the content.
    "msmtp": {
        64: _SETUP,
        65: _REFUSED,
        68: _LATER,
        69: _LATER,
        71: _LATER,
        75: _LATER,
        77: _SETUP,
        78: _SETUP,
    },
    "nullmailer": {1: _LATER},
}
# Those that accept a message for all its recipients or for none.
_WHOLE: Final = frozenset({"postfix", "opensmtpd", "msmtp", "nullmailer"})
# What the program finds before it looks at any recipient.
_FIRST: Final = frozenset({_SETUP})

# The names of the programs that /usr/sbin/sendmail leads to in distributions.
_NAMES: Final = {
    "exim": "exim",
    "exim4": "exim",
    "sendmail.exim": "exim",
    "msmtp": "msmtp",
    "smtpctl": "opensmtpd",
    "sendmail.opensmtpd": "opensmtpd",
    "sendmail.postfix": "postfix",
    "sendmail.sendmail": "sendmail",
}
# In every sendmail of Postfix, as the name of the program that it runs, and in no other.
_POSTDROP: Final = b"postdrop"
_LARGEST_PROGRAM: Final = 4 * 1024 * 1024


def meaning(mta: str, code: int, recipients: int) -> Outcome:
    """Return what an exit code means.

    Args:
        mta: A name of `MTAS`; any other is a program of which nothing is known.
        code: The exit code; negative for a signal.
        recipients: How many the message has. Sendmail 8 and Exim deliver to the good ones of
            several, and report the bad ones.
    """
    if code == 0:
        return Outcome.ACCEPTED
    outcome = MTAS.get(mta, _SYSEXITS).get(code, Outcome.UNCERTAIN)
    if recipients > 1 and mta not in _WHOLE and outcome not in _FIRST:
        return Outcome.UNCERTAIN
    return outcome


def recognised(path: str) -> str:
    """Return which program it is: a name of `MTAS`, or "" where that is not certain."""
    real = Path(os.path.realpath(path))
    if real.name in _NAMES:
        return _NAMES[real.name]
    if "sm.bin" in real.parts:  # Debian's Sendmail 8
        return "sendmail"
    try:
        with real.open("rb") as file:
            program = file.read(_LARGEST_PROGRAM)
    except OSError:
        return ""  # the error comes when it is run
    return "postfix" if _POSTDROP in program and not program.startswith(b"#!") else ""
