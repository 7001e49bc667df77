"""SMS by mail: numbers, gateways, and what a short message holds."""

import pickle
import subprocess
import sys
import warnings
from datetime import date

import pytest

from netmail import UsageError
from netmail.sms import (
    GATEWAYS,
    SMSCODES,
    GatewayStatus,
    SmsGateway,
    SmsGatewayError,
    SmsGatewayWarning,
    sms_email,
    sms_text,
)

BEFORE = date(2027, 3, 31)
AFTER = date(2027, 4, 1)
AMERICAN = SmsGateway("sms.example", GatewayStatus.ALIVE, country="1")
OTHER = SmsGateway("sms.example", GatewayStatus.ALIVE)


@pytest.mark.parametrize(
    ("number", "gateway", "local"),
    [
        ("+13123756536", AMERICAN, "3123756536"),
        ("+1 (312) 375-6536", AMERICAN, "3123756536"),
        ("0013123756536", AMERICAN, "3123756536"),
        ("1 (312) 375-6536", AMERICAN, "3123756536"),
        ("312.375.6536", AMERICAN, "3123756536"),
        ("1 (111) 111-1111", AMERICAN, "1111111111"),
        ("+447700900123", OTHER, "447700900123"),
        ("00447700900123", OTHER, "447700900123"),
        ("+44 7700\N{NO-BREAK SPACE}900 123", OTHER, "447700900123"),
        ("0170/1234567", OTHER, "01701234567"),
    ],
)
def test_number_keeps_its_digits(number, gateway, local):
    """web2py loses digits after a "+" and after "00"."""
    assert sms_email(number, gateway) == f"{local}@sms.example"


@pytest.mark.parametrize(
    ("number", "gateway"),
    [
        ("", OTHER),
        ("+", OTHER),
        ("123456", OTHER),
        ("1234567890123456", OTHER),
        ("call me 5551234", OTHER),
        ("++447700900123", OTHER),
        ("555-1234\r\nBcc: x@x.test", OTHER),
        ("٣١٢٣٧٥٦٥٣٦", OTHER),
        ("5551234@other.test,", OTHER),
        ("+447700900123", AMERICAN),
        ("+3123756536", AMERICAN),
        ("375-6536", AMERICAN),
        (3123756536, AMERICAN),
    ],
)
def test_what_is_no_number(number, gateway):
    """Nothing but a number of a possible length becomes an address."""
    with pytest.raises(UsageError, match="number"):
        sms_email(number, gateway)


@pytest.mark.parametrize(
    ("provider", "today", "text"),
    [
        ("AT&T", BEFORE, "ended 2025-06-17, by https://"),
        ("T-Mobile USA (tmomail)", BEFORE, "ended 2024-12"),
        ("Nextel", BEFORE, "is dead, by"),
        ("Verizon Wireless (vtext)", AFTER, "ended 2027-03-31"),
        ("US Cellular", BEFORE, "unknown whether"),
    ],
)
def test_gateways_that_are_refused(provider, today, text):
    """Dead, past its end, and unknown: the error says which, since when, and from where."""
    with pytest.raises(SmsGatewayError, match=text) as caught:
        sms_email("312 375 6536", provider, today=today)

    assert caught.value.gateway.domain == SMSCODES[provider]


def test_unknown_gateways_are_accepted_on_demand():
    """A dead one is not."""
    assert sms_email("3123756536", "US Cellular", True) == "3123756536@email.uscc.net"
    with pytest.raises(SmsGatewayError):
        sms_email("3123756536", "AT&T", allow_unknown=True)


@pytest.mark.parametrize(
    ("provider", "text"),
    [("Verizon Wireless (vtext)", "ends 2027-03-31"), ("Bell Canada", "announced to end")],
)
def test_ending_gateways_warn(provider, text):
    """Until the last day, that day included."""
    with pytest.warns(SmsGatewayWarning, match=text) as caught:
        assert sms_email("3123756536", provider, today=BEFORE).startswith("3123756536@")

    assert caught[0].filename == __file__


def test_living_gateways_are_silent():
    """No warning, whatever day it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sms_email("+420 603 123 456", "T-Mobile CZ", today=AFTER)

    assert found == "420603123456@sms.t-mobile.cz"


@pytest.mark.parametrize(
    ("ends", "today", "status"),
    [
        ("2024-12", date(2024, 12, 31), GatewayStatus.ENDING),
        ("2024-12", date(2025, 1, 1), GatewayStatus.DEAD),
        ("2024-12-30", date(2024, 12, 31), GatewayStatus.DEAD),
        ("", date(2099, 1, 1), GatewayStatus.ENDING),
    ],
)
def test_last_day(ends, today, status):
    """A month without a day is over when the next one begins."""
    assert SmsGateway("x.test", GatewayStatus.ENDING, ends=ends).on(today).status is status


def test_unknown_provider():
    """The error names the nearest carrier."""
    with pytest.raises(UsageError, match="did you mean 'Verizon Wireless"):
        sms_email("3123756536", "Verizon Wireless")


# web2py's carriers: the names that its users pass.
WEB2PY = """
Aliant;Alltel;Ameritech;AT&T;AU by KDDI;BeeLine GSM;Bell Mobility Canada;Bellsouth
BellSouth Mobility;Blue Sky Frog;Boost;Cellular South;CellularOne;CellularOne West;Cincinnati Bell
Claro;Comviq;Dutchtone/Orange-NL;Edge Wireless;EinsteinPCS / Airadigm Communications;EPlus
Fido Canada;Golden Telecom;Idea Cellular;Kyivstar;LMT;Manitoba Telecom Systems;Meteor;Metro PCS
Metrocall Pager;MobileOne;Mobilfone;Mobility Bermuda;Netcom;Nextel;NPI Wireless;O2;O2 M-mail;Optus
Orange;Oskar;Pagenet;PCS Rogers;Personal Communication;Plus GSM Poland;Powertel;Primtel
PSC Wireless;Qualcomm;Qwest;Safaricom;Satelindo GSM;SCS-900;Simple Freedom;Skytel - Alphanumeric
Smart Telecom;Southern Linc;Sprint PCS;Sprint PCS - Short Mail;SunCom;SureWest Communications
SwissCom Mobile;T-Mobile Germany;T-Mobile Netherlands;T-Mobile UK;T-Mobile USA (tmail)
T-Mobile USA (tmomail);Tele2 Latvia;Telefonica Movistar;Telenor;Telia Denmark;Telus Mobility
The Phone House;TIM;UMC;Unicel;US Cellular;Verizon Wireless (vtext)
Verizon Wireless (airtouchpaging);Verizon Wireless (myairmail);Vessotel;Virgin Mobile Canada
Virgin Mobile USA;Vodafone Italy;Vodafone Japan (n);Vodafone Japan (d);Vodafone Japan (r)
Vodafone Japan (k);Vodafone Japan (t);Vodafone Japan (q);Vodafone Japan (s);Vodafone Japan (h)
Vodafone Japan (c);Vodafone Spain;Vodafone UK;Weblink Wireless;WellCom;WyndTell
"""


def test_every_carrier_of_web2py():
    """None is left out, and each has its gateway."""
    carriers = WEB2PY.strip().replace("\n", ";").split(";")

    assert len(carriers) == 98
    assert set(carriers) <= SMSCODES.keys()
    assert SMSCODES.keys() == GATEWAYS.keys()


@pytest.mark.parametrize("carrier", GATEWAYS)
def test_reports_have_their_source(carrier):
    """A status is a report with a day and a source, or it is unknown."""
    gateway = GATEWAYS[carrier]
    reported = gateway.status is not GatewayStatus.UNKNOWN

    assert bool(gateway.source) is reported
    assert bool(gateway.seen) is reported
    assert gateway.domain.isascii()
    assert "@" not in gateway.domain


@pytest.mark.parametrize(
    ("text", "parts", "kept", "taken", "encoding"),
    [
        ("", 1, 0, 1, "GSM-7"),
        ("a" * 160, 1, 160, 1, "GSM-7"),
        ("a" * 161, 1, 160, 1, "GSM-7"),
        ("a" * 160, 3, 160, 1, "GSM-7"),
        ("a" * 161, 3, 161, 2, "GSM-7"),
        ("a" * 460, 3, 459, 3, "GSM-7"),
        ("€" * 81, 1, 80, 1, "GSM-7"),
        ("a" * 159 + "€", 1, 159, 1, "GSM-7"),
        ("a" * 152 + "€" * 77, 2, 228, 2, "GSM-7"),
        ("ж" * 71, 1, 70, 1, "UCS-2"),
        ("ж" * 71, 2, 71, 2, "UCS-2"),
        ("ж" * 135, 2, 134, 2, "UCS-2"),
        ("ж" * 69 + "😀", 1, 69, 1, "UCS-2"),
        ("ж" * 66 + "😀" * 35, 2, 99, 2, "UCS-2"),
        ("a" * 155 + "ж", 2, 155, 1, "GSM-7"),
        ("a" * 200 + "ж", 1, 160, 1, "GSM-7"),
        ("a" * 50 + "ж" * 50, 1, 70, 1, "UCS-2"),
        ("line\r\n" * 40, 1, 160, 1, "GSM-7"),
    ],
)
def test_what_short_messages_hold(text, parts, kept, taken, encoding):
    """By alphabet, extension characters twice, none in two messages; what is cut is there."""
    found = sms_text(text, parts)

    assert (len(found.text), found.parts, found.encoding) == (kept, taken, encoding)
    assert found.text + found.rest == text.replace("\r\n", "\n")
    assert found.cut is bool(found.rest)
    assert str(found) == found.text


def test_size_is_counted():
    """In septets, or in UTF-16 units."""
    assert sms_text("5 €").units == 4
    assert sms_text("\N{SECTION SIGN} 5").encoding == "GSM-7"
    assert sms_text("ж😀").units == 3


def test_a_text_takes_one_message():
    """Zero would cut everything."""
    with pytest.raises(UsageError, match="one short message"):
        sms_text("x", 0)


def test_costs_import_netmail_nothing():
    """Neither loads the other's weight: no client, no libcurl."""
    probe = (
        "import sys, netmail; early = 'netmail.sms' in sys.modules; import netmail.sms; "
        "print(early, *({'pycurl', 'netmail.clients', 'netmail.mime'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == ["False"]


def test_error_survives_pickling():
    """The gateway is still there after a queue or another process."""
    error = SmsGatewayError("dead", GATEWAYS["Fido Canada"])

    copied = pickle.loads(pickle.dumps(error))

    assert (str(copied), copied.gateway) == ("dead", GATEWAYS["Fido Canada"])
