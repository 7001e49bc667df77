"""The strict grammar of addresses, and domain names in ASCII."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netmail.address import (
    Address,
    Group,
    addr_spec,
    domain_to_ascii,
    mailboxes,
    thorough_addr_spec,
)
from netmail.errors import MessageError, UsageError
from support.timing import cpu_limit

SAME = [
    "example.org",
    "Example.ORG",
    "my_host.local",
    "r3---sn.example",
    "xn--bcher-kva.example",
    "example.org.",
]


@pytest.mark.parametrize("domain", SAME)
def test_ascii_domain_stays(domain):
    """A name in ASCII is returned unchanged: it is written so on purpose."""
    assert domain_to_ascii(domain) == domain


A_LABELS = {
    "umlaut": ("bücher.example", "xn--bcher-kva.example"),
    "capitals": ("BÜCHER.Example.ORG", "xn--bcher-kva.example.org"),
    "decomposed": ("bu\u0308cher.example", "xn--bcher-kva.example"),
    "sharp s": ("faß.de", "xn--fa-hia.de"),
    "capital sharp s": ("ẞ.de", "xn--zca.de"),
    "final sigma": ("βόλος.com", "xn--nxasmm1c.com"),
    "capital sigma": ("ΒΌΛΟΣ.com", "xn--nxasmq6b.com"),
    "Persian with a non-joiner": (
        "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com",
        "xn--mgba3gch31f060k.com",
    ),
    "Persian without": ("\u0646\u0627\u0645\u0647\u0627\u06cc.com", "xn--mgba3gch31f.com"),
    "Sinhala with a joiner": ("ශ්\u200dරී.com", "xn--10cl1a0b660p.com"),
    "Sinhala without": ("ශ්රී.com", "xn--10cl1a0b.com"),
    "ideographic dot": ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
    "full-width dot": ("bücher\uff0eexample", "xn--bcher-kva.example"),
    "half-width dot": ("bücher｡example", "xn--bcher-kva.example"),
    "dot in ASCII labels": ("example。org", "example.org"),
    "full-width digits": ("\uff11\uff12\uff13.example", "123.example"),
    "full-width letters": ("\uff25\uff38\uff21\uff2d\uff30\uff2c\uff25.org", "example.org"),
    "Kelvin sign": ("\u212aelvin.example", "kelvin.example"),
    "ligature": ("ﬁsh.example", "fish.example"),
    "soft hyphen": ("bü\u00adcher.example", "xn--bcher-kva.example"),
    "A-label beside": ("xn--bcher-kva.bücher.example", "xn--bcher-kva.xn--bcher-kva.example"),
    "Hebrew": ("דוגמה.example", "xn--6dbbec0c.example"),
    "root": ("bücher.example.", "xn--bcher-kva.example."),
    "longest label": ("ü" * 57 + ".example", "xn--tda" + "a" * 56 + ".example"),
}


@pytest.mark.parametrize(("domain", "expected"), A_LABELS.values(), ids=A_LABELS)
def test_a_labels(domain, expected):
    """Names are mapped by UTS 46, nontransitional, and written with the A-labels of IDNA 2008."""
    assert domain_to_ascii(domain) == expected


REFUSED = {
    "digit with a dot": "⒈.com",
    "emoji": "☕.example",
    "emoji in a label": "i❤.example",
    "emoji sequence": "\U0001f468\u200d\U0001f469\u200d\U0001f467.example",
    "long label": "ü" * 58 + ".example",
    "long ASCII label": "x" * 64 + ".ü.example",
    "long domain": "ü." * 60 + "example" * 20,
    "endless": "ü" * 1_000_000,
    "hyphens in third and fourth place": "ab--ü.example",
    "hyphens in an ASCII label": "ab--cd.ü.example",
    "hyphen first": "-ü.example",
    "hyphen last": "ü-.example",
    "joiner without virama": "ü\u200da.example",
    "non-joiner between Latin letters": "ü\u200ca.example",
    "combining mark first": "\u0308u.example",
    "empty label": "ü..example",
    "empty first label": ".ü.example",
    "only a dot": "。",
    "only ignored characters": "\u00ad",
    "right to left with Latin": "\u0627a.example",
    "full-width at": "ü.example\uff20evil.test",
    "full-width solidus": "ü.example\uff0fx",
    "full-width colon": "ü.example\uff1a25",
    "underscore": "my_host.ü.example",
    "space": "ü .example",
    "no-break space": "ü\u00a0.example",
    "account of": "℀.example",
    "control": "ü\x85.example",
    "direction mark": "ü\u202e.example",
    "false A-label": "xn--a.ü.example",
    "A-label of capitals": "xn--Bcher-Kva8445foa.ü.example",
    "unassigned": "\U000e0fff.example",
    "private use": "\ue000.example",
    "lone surrogate": "ü\ud800.example",
}


@pytest.mark.parametrize("error", [UsageError, MessageError])
@pytest.mark.parametrize("domain", REFUSED.values(), ids=REFUSED)
def test_no_a_labels(domain, error):
    """What is no valid name is refused, by the caller's class, and is never another name."""
    with pytest.raises(error) as caught:
        domain_to_ascii(domain, error)

    assert domain not in str(caught.value)


def outcome(reader, text):
    """What a reader of addresses makes of a text: the address, or the refusal."""
    try:
        return reader(text, "it", UsageError)
    except UsageError as error:
        return str(error)


PIECES = st.sampled_from(
    [
        "@",
        ".",
        "a",
        "B",
        "0",
        "-",
        "_",
        "+",
        "=",
        " ",
        "<",
        ">",
        '"',
        "\n",
        "ü",
        "[1.2.3.4]",
        "x" * 63,
    ]
)


@given(st.lists(PIECES, max_size=9).map("".join))
def test_quick_pattern(text):
    """An address of the usual form passes one pattern; the rules return the same for it."""
    assert outcome(addr_spec, text) == outcome(thorough_addr_spec, text)


@pytest.mark.parametrize("length", [252, 253, 254, 320, 321])
def test_quick_pattern_and_the_limits(length):
    """The limits are the same, for a long local part and for a long domain."""
    domain = ("x" * 50 + ".") * 4 + "example"
    texts = ["y" * (length - 10) + "@x.example", "y@" + domain.rjust(length - 2, "z")]

    assert [outcome(addr_spec, text) for text in texts] == [
        outcome(thorough_addr_spec, text) for text in texts
    ]


@given(st.text(max_size=40))
def test_result_is_a_host_name(text):
    """Whatever has letters beyond ASCII is refused, or becomes letters, digits, hyphens, dots."""
    try:
        result = domain_to_ascii(f"ü{text}")
    except UsageError:
        return

    assert set(result) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert result == domain_to_ascii(result)


ACCEPTED = {
    "usual": ("user@example.org", "user@example.org"),
    "capitals": ("User@Example.ORG", "User@Example.ORG"),
    "quoted": ('"john doe"@example.org', '"john doe"@example.org'),
    "escaped": (r'"a\"b\\"@example.org', r'"a\"b\\"@example.org'),
    "literal": ("a@[192.0.2.1]", "a@[192.0.2.1]"),
    "lowest literal": ("a@[0.0.0.0]", "a@[0.0.0.0]"),
    "highest literal": ("a@[255.255.255.255]", "a@[255.255.255.255]"),
    "IPv6 literal": ("a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"),
    "IPv6 literal, all groups": ("a@[IPv6:1:2:3:4:5:6:7:8]", "a@[IPv6:1:2:3:4:5:6:7:8]"),
    "IPv6 literal with IPv4": ("a@[IPv6:::ffff:192.0.2.1]", "a@[IPv6:::ffff:192.0.2.1]"),
    "general literal": ("a@[X-net:some-where]", "a@[X-net:some-where]"),
    "underscore": ("a@my_host.local", "a@my_host.local"),
    "local part beyond ASCII": ("ünï@example.org", "ünï@example.org"),
    "domain beyond ASCII": ("ß@faß.de", "ß@xn--fa-hia.de"),
    "longest": ("x" * 308 + "@example.org", "x" * 308 + "@example.org"),
}


@pytest.mark.parametrize(("text", "expected"), ACCEPTED.values(), ids=ACCEPTED)
def test_addr_spec(text, expected):
    """The local part stays as given, the domain is written in ASCII."""
    assert addr_spec(text) == expected


NO_ADDRESS = {
    "empty": "",
    "no at": "user",
    "no domain": "user@",
    "display name": "Name <user@example.org>",
    "source route": "@relay.test:a@example.org",
    "space at the end": "a@example.org ",
    "line end": "a@example.org\n",
    "two ats": "a@b@example.org",
    "comment": "a(x)@example.org",
    "dot at the end": "a@example.org.",
    "two dots": "a@example..org",
    "long": "x" * 309 + "@example.org",
    "long in octets": "ü" * 160 + "@example.org",
    "long domain": "a@" + "x." * 127 + "org",
    "long label": "a@" + "x" * 64 + ".org",
    "literal over 255": "a@[192.0.2.256]",
    "literal of three": "a@[192.0.2]",
    "literal of five": "a@[192.0.2.1.1]",
    "literal that may be octal": "a@[010.0.0.1]",
    "hexadecimal literal": "a@[0x7f.0.0.1]",
    "literal of one number": "a@[2130706433]",
    "literal with a name": "a@[example.org]",
    "literal without its end": "a@[192.0.2.1",
    "literal and a domain": "a@[192.0.2.1].example.org",
    "two literals": "a@[192.0.2.1][192.0.2.2]",
    "empty literal": "a@[]",
    "literal with a space": "a@[192.0.2.1 ]",
    "literal with a line end": "a@[X-net:a\r\nb]",
    "literal in another script": "a@[\u0661.0.0.1]",
    "IPv6 literal of nine": "a@[IPv6:1:2:3:4:5:6:7:8:9]",
    "IPv6 literal with two gaps": "a@[IPv6:1::2::3]",
    "IPv6 literal with a zone": "a@[IPv6:fe80::1%eth0]",
    "IPv6 literal with a long group": "a@[IPv6:12345::1]",
    "IPv6 literal with IPv4 over 255": "a@[IPv6:::ffff:192.0.2.256]",
    "IPv6 literal without its tag": "a@[2001:db8::1]",
    "general literal without content": "a@[X-net:]",
    "general literal with a hyphen": "a@[X-:b]",
    "general literal with a bracket": "a@[X-net:a]b]",
    "general literal with an address": "a@[X-net:b@evil.test]",
    "general literal with a quote": 'a@[X-net:"]',
    "general literal with a comma": "a@[X-net:b,c]",
    "general literal with a path's end": "a@[X-net:b>]",
    "long literal": "a@[X-net:" + "a" * 250 + "]",
    "direction mark": "a\u202eb@example.org",
    "invalid domain": "a@☕.example",
    "domain of another": "a@⒈.example",
    "root dot": "a@bücher.example.",
    "lone surrogate": "a@ü\ud800.example",
}


@pytest.mark.parametrize("error", [UsageError, MessageError])
@pytest.mark.parametrize("text", NO_ADDRESS.values(), ids=NO_ADDRESS)
def test_no_addr_spec(text, error):
    """What is not exactly one bare address is refused by the caller's class, with its purpose."""
    with pytest.raises(error, match="the sender"):
        addr_spec(text, "the sender", error)


@pytest.mark.parametrize("value", [None, 7, b"a@example.org"])
def test_addr_spec_takes_text(value):
    """What is no str is the caller's mistake, whatever class the address's errors have."""
    with pytest.raises(UsageError, match="the sender must be a str"):
        addr_spec(value, "the sender", MessageError)


HOSTILE = {
    "atoms": "a." * 500_000,
    "quotes": '"' * 1_000_000,
    "escapes": '"' + "\\a" * 500_000,
    "labels": "a@" + "a." * 500_000,
    "one label": "a@" + "a" * 1_000_000,
    "hyphens": "a@" + "-" * 1_000_000,
    "beyond ASCII": "a@" + "ü" * 1_000_000,
    "marks": "a@a" + "\u0308" * 1_000_000,
    "expanding": "a@" + "\ufdfa" * 1_000_000,
    "joiners": "a@" + "\u200c" * 1_000_000,
    "literal": "a@[" + "1" * 1_000_000,
    "tagged literal": "a@[" + "x-" * 500_000 + ":a]",
    "IPv6 literal": "a@[IPv6:" + "1:" * 500_000 + "]",
    "ats": "@" * 1_000_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_linear_time(text):
    """A megabyte of anything is refused at once, and the error does not repeat it."""
    with cpu_limit(1), pytest.raises(UsageError) as caught:
        addr_spec(text)

    assert len(str(caught.value)) < 1_000


WORST = {
    "expanding": "\ufdfa" * 253,
    "joiners": "\u0628" + "\u200c" * 252,
    "marks": "u" + "\u0308" * 252,
    "labels": "ü." * 126,
    "Arabic": "\u0628" * 253,
}


@pytest.mark.parametrize("domain", WORST.values(), ids=WORST)
def test_longest_domains_take_little_time(domain):
    """The longest name that is looked at is decided in a few milliseconds."""
    with cpu_limit(0.5), pytest.raises(UsageError):
        domain_to_ascii(domain)


def test_mailboxes():
    """Members of groups are listed in their place."""
    a, b, c = (Address("", f"{name}@x.test") for name in "abc")

    assert mailboxes([a, Group("g", (b,)), Group("none"), c]) == [a, b, c]


WITHOUT_IDNA = """
import sys

sys.modules["idna"] = None  # import idna raises ImportError
import netmail
from netmail.address import addr_spec
from netmail.errors import MessageError
from netmail.wire.smtp_path import forward_path

assert addr_spec("ünï@example.org") == "ünï@example.org"
assert netmail.imap(host="mail.example").options.host == "mail.example"
mail = netmail.parse("From: a@x.test\\nReply-To: b@xn--bcher-kva.example, c@bücher.example\\n\\nhi")
attempts = {
    "address": lambda: addr_spec("a@bücher.example", error=MessageError),
    "path": lambda: forward_path("a@bücher.example"),
    "recipient": lambda: netmail.message().to("Name <a@bücher.example>"),
    "reply": lambda: mail.reply(author="me@x.test"),
    "host": lambda: netmail.imap(host="bücher.example"),
    "URL": lambda: netmail.imap("imap://b%C3%BCcher.example"),
    "proxy": lambda: netmail.imap(host="mail.example", proxy="socks5h://bücher.example"),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except netmail.UsageError as error:
        print(name, "pip install netmail[idn]" in str(error))
"""


def test_without_idna():
    """Without the package, a name beyond ASCII is refused by an error that names the extra."""
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_IDNA], check=True, capture_output=True, text=True
    )
    expected = ["address", "path", "recipient", "reply", "host", "URL", "proxy"]

    assert ran.stdout.split("\n") == [*(f"{name} True" for name in expected), ""]


def test_ascii_does_not_import_idna():
    """The package is imported for names beyond ASCII only."""
    script = """
import sys, netmail
netmail.message().to("a@example.org")
netmail.imap(host="mail.example")
print("idna" in sys.modules)
netmail.message().to("a@bücher.example")
print("idna" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert ran.stdout.split() == ["False", "True"]
