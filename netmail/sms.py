"""SMS by mail: the addresses of the carriers' gateways, and what of a text a short message holds.

This file must not know how the mail is sent, nor ask any server whether a gateway works.
"""

import difflib
import itertools
import warnings
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from netmail import UsageError

__all__ = [
    "GATEWAYS",
    "SMSCODES",
    "GatewayStatus",
    "SmsGateway",
    "SmsGatewayError",
    "SmsGatewayWarning",
    "SmsText",
    "sms_email",
    "sms_text",
]


class GatewayStatus(StrEnum):
    """What is known of a gateway."""

    ALIVE = "alive"
    """It delivered when it was last reported on."""
    ENDING = "ending"
    """It delivers, and its carrier has announced the end."""
    DEAD = "dead"
    """It delivers no more."""
    UNKNOWN = "unknown"
    """There is no dated report on it."""


class SmsGatewayError(UsageError):
    """A gateway does not deliver, or it is not known whether it does.

    Attributes:
        gateway: The gateway.
    """

    def __init__(self, message: str, gateway: "SmsGateway") -> None:
        super().__init__(message)
        self.gateway = gateway

    def __reduce__(self) -> "tuple[type[SmsGatewayError], tuple[str, SmsGateway]]":
        return type(self), (str(self), self.gateway)


class SmsGatewayWarning(UserWarning):
    """A gateway delivers now, and its carrier has announced that it ends."""


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """A carrier's gateway from mail to SMS.

    Attributes:
        domain: What follows the number in the address.
        status: What was known when `source` was written.
        seen: The day of that report, ISO 8601; a month alone where there is no day.
        ends: The last day, ISO 8601, likewise; "" where none is known.
        source: Where that is written.
        country: The country code of its numbers, where the address has them without it.
    """

    domain: str
    status: GatewayStatus = GatewayStatus.UNKNOWN
    seen: str = ""
    ends: str = ""
    source: str = ""
    country: Literal["", "1"] = ""

    def on(self, today: date) -> "SmsGateway":
        """Return the gateway as it is on a day: one that is ending is dead after its last day."""
        # ISO 8601 in equal precision sorts as the calendar does.
        past = self.ends and today.isoformat()[: len(self.ends)] > self.ends
        ending = self.status in {GatewayStatus.ENDING, GatewayStatus.ALIVE}
        return replace(self, status=GatewayStatus.DEAD) if past and ending else self


@dataclass(frozen=True, slots=True)
class SmsText:
    """What of a text a number of short messages hold.

    Attributes:
        text: What they hold.
        rest: What they do not; "" if nothing was cut.
        parts: How many short messages it is.
        encoding: "GSM-7", or "UCS-2" where a character is in no GSM alphabet.
        units: How many septets, or UTF-16 units, it takes.
    """

    text: str
    rest: str
    parts: int
    encoding: Literal["GSM-7", "UCS-2"]
    units: int

    @property
    def cut(self) -> bool:
        """Whether something of the text is missing."""
        return bool(self.rest)

    def __str__(self) -> str:
        return self.text


# web2py's names of carriers. The gateways of the first table take ten digits, without the 1.
_NORTH_AMERICA: Final = """
Aliant=chat.wirefree.ca; Alltel=message.alltel.com; Ameritech=paging.acswireless.com
AT&T=txt.att.net; Bell Mobility Canada=txt.bellmobility.ca; BellSouth Mobility=blsdcs.net
Boost=myboostmobile.com; Cellular South=csouth1.com; CellularOne=mobile.celloneusa.com
CellularOne West=mycellone.com; Cincinnati Bell=gocbw.com; Edge Wireless=sms.edgewireless.com
EinsteinPCS / Airadigm Communications=einsteinsms.com; Fido Canada=fido.ca
Manitoba Telecom Systems=text.mtsmobility.com; Metro PCS=mymetropcs.com
Metrocall Pager=page.metrocall.com; Mobilfone=page.mobilfone.com; Mobility Bermuda=ml.bm
Nextel=messaging.nextel.com; NPI Wireless=npiwireless.com; Pagenet=pagenet.net
PCS Rogers=pcs.rogers.com; Powertel=ptel.net; PSC Wireless=sms.pscel.com
Qualcomm=pager.qualcomm.com; Qwest=qwestmp.com; Simple Freedom=text.simplefreedom.net
Skytel - Alphanumeric=skytel.com; Southern Linc=page.southernlinc.com
Sprint PCS=messaging.sprintpcs.com; Sprint PCS - Short Mail=sprintpcs.com
SunCom=tms.suncom.com; SureWest Communications=mobile.surewest.com
T-Mobile USA (tmail)=tmail.com; T-Mobile USA (tmomail)=tmomail.net; Telus Mobility=msg.telus.com
Unicel=utext.com; US Cellular=email.uscc.net; Verizon Wireless (vtext)=vtext.com
Verizon Wireless (airtouchpaging)=airtouchpaging.com
Verizon Wireless (myairmail)=myairmail.com; Virgin Mobile Canada=vmobile.ca
Virgin Mobile USA=vmobl.com; Weblink Wireless=airmessage.net; WyndTell=wyndtell.com
AT&T (MMS)=mms.att.net; Bell Canada=txt.bell.ca; Verizon Wireless (vzwpix)=vzwpix.com
"""
_ELSEWHERE: Final = """
AU by KDDI=ezweb.ne.jp; BeeLine GSM=sms.beemail.ru; Bellsouth=bellsouth.cl
Blue Sky Frog=blueskyfrog.com; Claro=clarotorpedo.com.br; Comviq=sms.comviq.se
Dutchtone/Orange-NL=sms.orange.nl; EPlus=smsmail.eplus.de; Golden Telecom=sms.goldentele.com
Idea Cellular=ideacellular.net; Kyivstar=sms.kyivstar.net; LMT=sms.lmt.lv
Meteor=sms.mymeteor.ie; MobileOne=m1.com.sg; Netcom=sms.netcom.no; O2=o2.co.uk
O2 M-mail=mmail.co.uk; Optus=optusmobile.com.au; Orange=orange.net; Oskar=mujoskar.cz
Personal Communication=pcom.ru; Plus GSM Poland=text.plusgsm.pl; Primtel=sms.primtel.ru
Safaricom=safaricomsms.com; Satelindo GSM=satelindogsm.com; SCS-900=scs-900.ru
Smart Telecom=mysmart.mymobile.ph; SwissCom Mobile=bluewin.ch; T-Mobile Germany=T-D1-SMS.de
T-Mobile Netherlands=gin.nl; T-Mobile UK=t-mobile.uk.net; Tele2 Latvia=sms.tele2.lv
Telefonica Movistar=movistar.net; Telenor=mobilpost.no; Telia Denmark=gsm1800.telia.dk
The Phone House=sms.phonehouse.de; TIM=timnet.com; UMC=sms.umc.com.ua
Vessotel=pager.irkutsk.ru; Vodafone Italy=sms.vodafone.it; Vodafone Spain=vodafone.es
Vodafone Japan (n)=n.vodafone.ne.jp; Vodafone Japan (d)=d.vodafone.ne.jp
Vodafone Japan (r)=r.vodafone.ne.jp; Vodafone Japan (k)=k.vodafone.ne.jp
Vodafone Japan (t)=t.vodafone.ne.jp; Vodafone Japan (q)=q.vodafone.ne.jp
Vodafone Japan (s)=s.vodafone.ne.jp; Vodafone Japan (h)=h.vodafone.ne.jp
Vodafone Japan (c)=c.vodafone.ne.jp; Vodafone UK=vodafone.net; WellCom=sms.welcome2well.com
T-Mobile CZ=sms.t-mobile.cz; Vodafone CZ=vodafonemail.cz
"""

_SHUTDOWNS: Final = "https://sigspan.com/carrier-gateway-shutdown"
_CHECKED: Final = "https://github.com/vufind-org/vufind/pull/4327"
_LIST: Final = "https://github.com/mfitzp/List_of_SMS_gateways/issues"
_CZECH: Final = "https://www.mesec.cz"
# Domain: status, day of the report, last day, source. Whatever is not here is unknown.
_REPORTS: Final = {
    "tmomail.net": ("dead", "2026-05-13", "2024-12", _SHUTDOWNS),
    "txt.att.net": ("dead", "2025-04-08", "2025-06-17", _CHECKED),
    "mms.att.net": ("dead", "2025-04-08", "2025-06-17", _CHECKED),
    "vtext.com": ("ending", "2026-05-13", "2027-03-31", _SHUTDOWNS),
    "vzwpix.com": ("ending", "2026-05-13", "2027-03-31", _SHUTDOWNS),
    "messaging.sprintpcs.com": ("dead", "2025-04-08", "", _CHECKED),
    "messaging.nextel.com": ("dead", "2025-04-08", "", _CHECKED),
    "message.alltel.com": ("dead", "2025-04-08", "", _CHECKED),
    "pcs.rogers.com": ("dead", "2024-02-17", "2023-07", f"{_LIST}/21"),
    "fido.ca": ("dead", "2023-07-18", "2023-07", f"{_LIST}/19"),
    "txt.bell.ca": ("ending", "2025-10-28", "", f"{_LIST}/26"),
    "vodafonemail.cz": ("dead", "2023-02", "2023-02-01", _CZECH),
    # Only for numbers whose owner has allowed it.
    "sms.t-mobile.cz": ("alive", "2023-02", "", _CZECH),
}


def _gateways() -> dict[str, SmsGateway]:
    found = {}
    countries: tuple[tuple[str, Literal["", "1"]], ...] = ((_NORTH_AMERICA, "1"), (_ELSEWHERE, ""))
    for table, country in countries:
        for entry in table.replace("\n", ";").split(";"):
            carrier, _, domain = entry.strip().partition("=")
            if domain:
                status, seen, ends, source = _REPORTS.get(domain, ("unknown", "", "", ""))
                known = GatewayStatus(status)
                found[carrier] = SmsGateway(domain, known, seen, ends, source, country)
    return dict(sorted(found.items()))


GATEWAYS: Final = MappingProxyType(_gateways())
"""Each carrier's gateway, with what is known of it."""
SMSCODES: Final = MappingProxyType({name: each.domain for name, each in GATEWAYS.items()})
"""Each carrier's domain, by web2py's names of the carriers."""

# E.164 section 6.2.1: 15 digits at most. None of a mobile telephone is shorter than seven.
_LENGTHS: Final = range(7, 16)
_NATIONAL_LENGTH: Final = 10
_BETWEEN_DIGITS: Final = " \t\N{NO-BREAK SPACE}-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}./()"


def sms_email(
    number: str,
    provider: str | SmsGateway,
    allow_unknown: bool = False,
    *,
    today: date | None = None,
) -> str:
    """Return the mail address of a mobile telephone.

        >>> sms_email("+420 603 123 456", "T-Mobile CZ")
        '420603123456@sms.t-mobile.cz'

    Most gateways have ended; a carrier's API for SMS is what its customers are asked to use.

    Args:
        number: The number, with or without country code, "+" and punctuation. The gateways of
            North America get ten digits, the others the digits that are given.
        provider: A name of `GATEWAYS`, or a gateway of your own.
        allow_unknown: Accept a gateway of which nothing is known.
        today: The day for which the address is asked; by default that of the clock, in UTC.

    Raises:
        SmsGatewayError: If the gateway is dead, or unknown.
        UsageError: If the provider is not in the table, or the number is none.

    Warns:
        SmsGatewayWarning: If the gateway is ending.
    """
    gateway = provider if isinstance(provider, SmsGateway) else _gateway_of(provider)
    gateway = gateway.on(today or datetime.now(UTC).date())
    report = f", by {gateway.source} of {gateway.seen}" if gateway.source else ""
    if gateway.status is GatewayStatus.DEAD:
        ended = f"ended {gateway.ends}" if gateway.ends else "is dead"
        raise SmsGatewayError(f"the SMS gateway {gateway.domain} {ended}{report}", gateway)
    if gateway.status is GatewayStatus.UNKNOWN and not allow_unknown:
        text = (
            f"it is unknown whether the SMS gateway {gateway.domain} delivers; allow_unknown=True"
        )
        raise SmsGatewayError(text, gateway)
    if gateway.status is GatewayStatus.ENDING:
        when = f"ends {gateway.ends}" if gateway.ends else "is announced to end"
        text = f"the SMS gateway {gateway.domain} {when}{report}"
        warnings.warn(text, SmsGatewayWarning, stacklevel=2)
    return f"{_digits(number, gateway)}@{gateway.domain}"


def _gateway_of(provider: str) -> SmsGateway:
    if provider in GATEWAYS:
        return GATEWAYS[provider]
    near = difflib.get_close_matches(str(provider), GATEWAYS, 1)
    hint = f"; did you mean {near[0]!r}?" if near else "; GATEWAYS lists them"
    raise UsageError(f"there is no SMS gateway {provider!r}{hint}")


def _digits(number: str, gateway: SmsGateway) -> str:
    if not isinstance(number, str):
        raise UsageError(f"a telephone number is a str, not {type(number).__name__}")
    text = number.strip()
    # web2py cuts a country code off, and digits of the number with it; here each digit stays.
    international = text.startswith(("+", "00"))
    text = text[1:] if text.startswith("+") else text.removeprefix("00")
    digits = "".join(each for each in text if each not in _BETWEEN_DIGITS)
    if not (digits.isascii() and digits.isdecimal()):
        raise UsageError(f"{number!r} is no telephone number: it has more than digits")
    if gateway.country:
        # Ten digits after a "+" would be the number of another country.
        national = digits.removeprefix(gateway.country)
        if len(national) == _NATIONAL_LENGTH and (national != digits or not international):
            return national
        raise UsageError(
            f"{number!r} is no number of {gateway.domain}: +{gateway.country} and ten digits"
        )
    if len(digits) not in _LENGTHS:
        raise UsageError(f"{number!r} is no telephone number: it has {len(digits)} digits")
    return digits


# GSM 03.38 (now 3GPP TS 23.038) section 6.2.1, and the extension of 6.2.1.1, whose characters take
# two septets.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ\N{SECTION SIGN}¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class _Encoding:
    name: Literal["GSM-7", "UCS-2"]
    single: int
    several: int

    def size(self, character: str) -> int:
        """Return the units of a character; 0 if it cannot be written."""
        if self.name == "UCS-2":
            return 1 if character <= "\uffff" else 2
        return 1 if character in _BASIC else 2 if character in _EXTENSION else 0

    def fit(self, text: str, parts: int) -> SmsText:
        """Return what of a text so many short messages hold."""
        # A character that the alphabet lacks ends the text here: the other encoding may hold more.
        sizes = list(itertools.takewhile(bool, map(self.size, text)))
        room = self.single
        if parts > 1 and sum(sizes) > room:
            # Each of several has a header of 6 octets that says which part it is.
            room = self.several
        else:
            parts = 1
        part, used, end = 1, 0, 0
        for end, size in enumerate([*sizes, 0]):  # noqa: B007 -- where it ends is the result
            if used + size > room:  # no character lies in two short messages
                part, used = part + 1, 0
            if part > parts:
                break
            used += size
        units = sum(sizes[:end])
        return SmsText(text[:end], text[end:], min(part, parts), self.name, units)


_GSM_7: Final = _Encoding("GSM-7", 160, 153)
_UCS_2: Final = _Encoding("UCS-2", 70, 67)


def sms_text(text: str, parts: int = 1) -> SmsText:
    r"""Cut a text to what one or several short messages hold.

        >>> sms_text("Your parcel is here.").cut
        False

    One holds 160 characters of the GSM alphabet, or 70 of others; each of several 153, or 67. The
    euro sign, and `^ { } \ [ ] ~ |`, count two. What a gateway adds of sender and subject is
    not counted.

    Args:
        text: The text; its line ends count one each.
        parts: How many short messages it may take.

    Raises:
        UsageError: If `parts` is less than 1.
    """
    if parts < 1:
        raise UsageError("a text takes one short message at least")
    text = text.replace("\r\n", "\n")
    # A character beyond GSM far away must not cost the text before it half of its room.
    return max(_GSM_7.fit(text, parts), _UCS_2.fit(text, parts), key=lambda each: len(each.text))
