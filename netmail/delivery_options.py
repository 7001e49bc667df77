"""What a sender asks of the servers that deliver a message: values for MAIL and RCPT parameters.

This file must not know how a parameter is written, nor which extensions a server offers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

from netmail.address import addr_spec
from netmail.errors import UsageError
from netmail.text import check_text, strings

NotifyCondition: TypeAlias = Literal["NEVER", "SUCCESS", "FAILURE", "DELAY"]
"""When a report is wanted, RFC 3461 section 4.1."""

# notify-esmtp-value = "NEVER" / 1#notify-list-element;  RFC 3461 section 4.1
# notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
_CONDITIONS: Final = ("NEVER", "SUCCESS", "FAILURE", "DELAY")

# original-recipient-address = addr-type ";" xtext;  addr-type = atom       RFC 3461 section 4.2
ADDRESS_TYPE: Final = re.compile(r"(?P<type>[A-Za-z0-9-]{1,64});(?P<address>.+)", re.DOTALL)

ENVID_LIMIT: Final = 100
"""Characters of an envelope identifier, RFC 3461 section 4.4."""
SECONDS_LIMIT: Final = 999_999_999
"""Nine digits, RFC 2852 section 4 and RFC 4865 section 5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientOptions:
    """What is asked for one recipient.

    A server without the extension would not do it, so the recipient is refused then.

    Attributes:
        notify: When a delivery report is wanted: "SUCCESS", "FAILURE" and "DELAY", or "NEVER"
            alone; empty for the server's choice (DSN, RFC 3461).
        orcpt: The address that the sender wrote, for the report: an address, or another type with
            its name, as in "x400;/C=US/..."; `None` for none (DSN).
        rrvs: The recipient must have had the mailbox since this time, with its time zone; `None`
            for no such condition (RRVS, RFC 7293).
        rrvs_action: What a server does that must pass the message to one without RRVS: "R" to
            reject it, "C" to continue; `None` for its choice.

    Raises:
        UsageError: If a value is not of this form.
    """

    notify: Iterable[NotifyCondition] = ()
    orcpt: str | None = None
    rrvs: datetime | None = None
    rrvs_action: Literal["C", "R"] | None = None

    def __post_init__(self) -> None:
        asked = [name.upper() for name in strings(self.notify, "notify")]
        for name in asked:
            _one_of("notify", name, _CONDITIONS)
        if "NEVER" in asked and len(set(asked)) > 1:
            raise UsageError("notify: NEVER excludes the others")  # RFC 3461 section 4.1
        notify = tuple(name for name in _CONDITIONS if name in asked)
        object.__setattr__(self, "notify", notify)
        if self.orcpt is not None:
            _check_original(self.orcpt)
        if self.rrvs is not None:
            _check_time("rrvs", self.rrvs)
        if self.rrvs_action is not None:
            _one_of("rrvs_action", self.rrvs_action, ("C", "R"))
            if self.rrvs is None:
                raise UsageError("rrvs_action without rrvs: pass the time too")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptions:
    """What is asked for one message and its recipients.

    Attributes:
        ret: What a report of failure returns: "FULL" for the message, "HDRS" for its header; `None`
            for the server's choice (DSN, RFC 3461).
        envid: An identifier that reports repeat: printable ASCII, at most 100 octets as it is sent
            (DSN).
        by_time: Seconds within which the message is to be delivered, from 1 with `by_mode` "R";
            `None` for no limit (DELIVERBY, RFC 2852).
        by_mode: What happens after that time: "R" to return the message, "N" to notify the sender
            and continue.
        by_trace: Whether each server on the path reports that it has passed the message on.
        hold_for: Seconds from 1 that the server keeps the message before it is delivered
            (FUTURERELEASE, RFC 4865).
        hold_until: The same as a time, with its time zone.
        mt_priority: From -9 to 9; higher is more urgent. A server without MT-PRIORITY (RFC 6710)
            gets the message without it.
        requiretls: Whether each server on the path must use verified TLS, or return the message
            (REQUIRETLS, RFC 8689).
        auth: The bare address of the user that submitted the message, where it was passed on from
            another server; "" if it is not known. A server without AUTH (RFC 4954) gets the message
            without it.
        each_recipient: What is asked for the recipients that `recipients` does not name.
        recipients: What is asked for single recipients, by address.

    Raises:
        UsageError: If a value is not of this form, or two exclude each other.
    """

    ret: Literal["FULL", "HDRS"] | None = None
    envid: str | None = None
    by_time: int | None = None
    by_mode: Literal["N", "R"] = "R"
    by_trace: bool = False
    hold_for: int | None = None
    hold_until: datetime | None = None
    mt_priority: int | None = None
    requiretls: bool = False
    auth: str | None = None
    each_recipient: RecipientOptions = field(default_factory=RecipientOptions)
    recipients: Mapping[str, RecipientOptions] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.ret is not None:
            _one_of("ret", self.ret, ("FULL", "HDRS"))
        if self.envid is not None:
            _check_envid(self.envid)
        self._check_times()
        if self.mt_priority is not None:
            _number("mt_priority", self.mt_priority, -9, 9)
        for name in ("by_trace", "requiretls"):
            if not isinstance(getattr(self, name), bool):
                raise UsageError(f"{name} is True or False")
        if self.auth:
            addr_spec(self.auth, "auth")
            # xtext leaves them as they are, RFC 3461 section 4, next to the path's own.
            if "<" in self.auth or ">" in self.auth:
                raise UsageError("auth: an address with angle brackets, which some servers misread")
        elif self.auth is not None:
            check_text(self.auth, "auth")
        self._check_recipients()

    def _check_times(self) -> None:
        _one_of("by_mode", self.by_mode, ("N", "R"))
        if self.by_time is not None:
            # RFC 2852 section 4: with by-mode R "the by-time MUST be greater than zero".
            least = 1 if self.by_mode == "R" else -SECONDS_LIMIT
            _number("by_time", self.by_time, least, SECONDS_LIMIT)
        elif self.by_trace:
            raise UsageError("by_trace without by_time: pass the seconds too")
        if self.hold_for is not None:
            _number("hold_for", self.hold_for, 1, SECONDS_LIMIT)
        if self.hold_until is not None:
            _check_time("hold_until", self.hold_until)
            if self.hold_for is not None:
                raise UsageError("hold_for and hold_until together: name the time once")

    def _check_recipients(self) -> None:
        if not isinstance(self.each_recipient, RecipientOptions):
            raise UsageError("each_recipient is a RecipientOptions")
        if not isinstance(self.recipients, Mapping):
            raise UsageError("recipients is a mapping from an address to RecipientOptions")
        for address, options in self.recipients.items():
            check_text(address, "a recipient")
            if not isinstance(options, RecipientOptions):
                raise UsageError("recipients is a mapping from an address to RecipientOptions")
        # A copy: a later change of the caller's would be seen by a message that waits.
        object.__setattr__(self, "recipients", dict(self.recipients))


def _one_of(what: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{what} is one of {', '.join(allowed)}, not {value!r:.40}")


def _number(what: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise UsageError(f"{what} is a whole number from {least} to {most}")


def _check_time(what: str, value: object) -> None:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise UsageError(f"{what} is a datetime with a time zone, such as tzinfo=UTC")


def _check_envid(value: str) -> None:
    # RFC 3461 section 4.4: "MUST NOT contain characters other than printable (graphic and white
    # space) characters" of US-ASCII; a report has it in a header field.
    check_text(value, "envid")
    if not value or not (value.isascii() and value.isprintable()):
        raise UsageError("envid is printable ASCII, and not empty")
    if len(value) > ENVID_LIMIT:
        raise UsageError(f"envid has at most {ENVID_LIMIT} characters")


def _check_original(value: str) -> None:
    check_text(value, "orcpt")
    typed = ADDRESS_TYPE.fullmatch(value)
    if typed is None or typed["type"].lower() in {"rfc822", "utf-8"}:
        addr_spec(typed["address"] if typed else value, "orcpt")
    elif not (value.isascii() and value.isprintable()):
        raise UsageError("orcpt: an address of another type is printable ASCII")
