"""What follows from the options given, and which of them contradict each other."""

import dataclasses

import pytest

from netmail.errors import UsageError
from netmail.options.options import (
    TLS_ALL,
    TLS_CONTROL,
    TLS_NONE,
    TLS_TRY,
    MailProtocol,
    Options,
    parse_options,
)

PEM = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
USER = {"host": "h", "username": "u"}


def parse(keywords: dict[str, object], protocol: MailProtocol = MailProtocol.IMAP) -> Options:
    """Options from a dictionary."""
    return parse_options(protocol, keywords)


TLS = [
    ("no user", {"host": "h"}, TLS_TRY),
    ("user", USER, TLS_ALL),
    ("token", {"host": "h", "oauth2_token": "t"}, TLS_ALL),
    ("user on localhost", {"username": "u"}, TLS_TRY),
    ("user on 127.0.0.2", {"username": "u", "host": "127.0.0.2"}, TLS_TRY),
    ("user on ::1", {"username": "u", "host": "[::1]"}, TLS_TRY),
    ("user on a local socket", {**USER, "unix_socket": "/run/imap"}, TLS_TRY),
    ("localhost behind a proxy", {"username": "u", "proxy": "p"}, TLS_ALL),
    (
        "localhost resolved elsewhere",
        {"username": "u", "resolve": "localhost:143:192.0.2.1"},
        TLS_ALL,
    ),
    ("looks like loopback", {"username": "u", "host": "127.example.com"}, TLS_ALL),
    ("try is obeyed", {**USER, "tls": TLS_TRY}, TLS_TRY),
    ("none is obeyed", {**USER, "tls": TLS_NONE}, TLS_NONE),
    ("control is kept", {**USER, "tls": TLS_CONTROL}, TLS_CONTROL),
    ("a number", {**USER, "tls": 1}, TLS_TRY),
]


@pytest.mark.parametrize(("keywords", "expected"), [t[1:] for t in TLS], ids=[t[0] for t in TLS])
def test_credentials_do_not_leave_in_clear(keywords, expected):
    """TLS is required where credentials would leave the machine, or the caller says otherwise."""
    assert parse(keywords).tls is expected


IMPLICIT = [
    (MailProtocol.SMTP, {}, 465, True),
    (MailProtocol.POP3, {}, 110, False),
    (MailProtocol.IMAP, {}, 143, False),
    (MailProtocol.SMTP, {"port": 587}, 587, False),
    (MailProtocol.SMTP, {"port": 25}, 25, False),
    (MailProtocol.IMAP, {"port": 993}, 993, True),
    (MailProtocol.POP3, {"port": 995}, 995, True),
    (MailProtocol.IMAP, {"port": 993, "tls_implicit": False}, 993, False),
    (MailProtocol.IMAP, {"port": 1993, "tls_implicit": True}, 1993, True),
]


@pytest.mark.parametrize(
    ("protocol", "keywords", "port", "implicit"), IMPLICIT, ids=[f"{i[0]}-{i[1]}" for i in IMPLICIT]
)
def test_ports_say_whether_tls_comes_first(protocol, keywords, port, implicit):
    """465, 993 and 995 begin with TLS, every other port with a greeting."""
    options = parse(keywords, protocol)

    assert (options.port, options.tls_implicit) == (port, implicit)


def test_the_proxy_is_verified_as_the_peer_is():
    """verify_proxy_* are as verify_* where they are not given."""
    options = parse({"verify_peer": False, "verify_proxy_host": False})

    assert options.verify_proxy_peer is False
    assert options.verify_proxy_host is False
    assert options.verify_host


CONTRADICTIONS = {
    "plain on 993": ({"port": 993, "tls": TLS_NONE}, "port 993.*tls_implicit=False"),
    "plain and implicit": ({"tls_implicit": True, "tls": 0}, "leave tls out"),
    "plain with certificate": ({"tls": 0, "client_cert": "c"}, "client_cert.*TLS_ALL"),
    "plain with version": ({"tls": 0, "tls_min_version": "1.2"}, "tls_min_version.*TLS_ALL"),
    "password alone": ({"password": "p"}, "password without username"),
    "authzid alone": ({"authzid": "a"}, "authzid without username"),
    "token and password": ({**USER, "password": "p", "oauth2_token": "t"}, "one of them"),
    "proxy user alone": ({"proxy_username": "u"}, "without proxy"),
    "proxy password alone": ({"proxy_password": "p"}, "without proxy"),
    "proxy password without user": (
        {"proxy": "p", "proxy_password": "p"},
        "without proxy_username",
    ),
    "socks4 password": ({"proxy": "socks4://u:p@h"}, "SOCKS4 has no password"),
    "key alone": ({"client_key": "k"}, "without client_cert"),
    "key password alone": ({"client_key_password": "k"}, "without client_cert"),
    "two bundles": ({"ca_file": "f", "ca_data": PEM}, "ca_file and ca_data"),
    "unused store": ({"ca": "system", "verify_peer": False}, "ca with.*nothing would be verified"),
    "store and file": ({"ca": "system", "ca_file": "f"}, "name the certificates once"),
    "store and data": ({"ca": "certifi", "ca_data": PEM}, "name the certificates once"),
    "no version": ({"tls_min_version": "1.3", "tls_max_version": "1.2"}, "no version is left"),
    "plain with max": ({"tls": 0, "tls_max_version": "1.2"}, "tls_max_version.*TLS_ALL"),
    "plain with ciphers": ({"tls": 0, "tls_ciphers": "HIGH"}, "tls_ciphers.*TLS_ALL"),
    "unused bundle": ({"ca_file": "f", "verify_peer": False}, "nothing would be verified"),
    "UTF8 by IMAP": ({"utf8": True}, "IMAP has enable"),
    "LMTP by IMAP": ({"lmtp": True}, "only Transport"),
    "socket and proxy": ({"unix_socket": "/s", "proxy": "p"}, "without a proxy"),
    "socket and source": ({"unix_socket": "/s", "source_address": "::1"}, "no source address"),
    "socket and version": ({"unix_socket": "/s", "ip_version": 4}, "no IP version"),
    "socket and resolve": ({"unix_socket": "/s", "resolve": "h:1:::1"}, "not resolved"),
    "mechanism without user": ({"auth": "PLAIN"}, "auth without username"),
    "token and PLAIN": ({**USER, "oauth2_token": "t", "auth": "PLAIN"}, "XOAUTH2 or OAUTHBEARER"),
    "password and XOAUTH2": ({**USER, "password": "p", "auth": "XOAUTH2"}, "takes oauth2_token"),
    "user with a ticket": (
        {**USER, "auth": "GSSAPI"},
        "GSSAPI with username: it logs in the user of",
    ),
    "password with a ticket": (
        {**USER, "password": "p", "auth": "GSSAPI"},
        "username and password.*leave them out",
    ),
    "version against address": ({"host": "::1", "ip_version": 4}, "leave ip_version out"),
}


@pytest.mark.parametrize(
    ("keywords", "sentence"), CONTRADICTIONS.values(), ids=list(CONTRADICTIONS)
)
def test_contradictions_are_refused(keywords, sentence):
    """Options that cannot both be meant are refused with what to pass instead."""
    with pytest.raises(UsageError, match=sentence):
        parse(keywords)


@pytest.mark.parametrize("protocol", [MailProtocol.SMTP, MailProtocol.POP3])
def test_a_mailbox_is_imaps(protocol):
    """Only IMAP takes a mailbox."""
    with pytest.raises(UsageError, match="only IMAP"):
        parse({"mailbox": "INBOX"}, protocol)


@pytest.mark.parametrize("keywords", [{"tls": 3}, USER], ids=["asked for", "derived"])
def test_lmtp_without_implicit_tls(keywords):
    """STARTTLS is libcurl's, which has no LMTP: credentials do not leave in clear."""
    with pytest.raises(UsageError, match="lmtps://"):
        parse({**keywords, "host": "mx.test", "lmtp": True}, MailProtocol.SMTP)


FITTING = {
    "user without password": USER,
    "certificate login": {"host": "h", "auth": "EXTERNAL", "client_cert": "c", "authzid": "a"},
    "token among others": {**USER, "oauth2_token": "t", "auth": ["OAUTHBEARER", "PLAIN"]},
    "plain forced on 993": {"port": 993, "tls": TLS_NONE, "tls_implicit": False},
    "bundle for the proxy": {
        "proxy": "https://p",
        "ca_file": "f",
        "verify_peer": False,
        "verify_proxy_peer": True,
    },
    "address behind a proxy": {"host": "::1", "ip_version": 4, "proxy": "p"},
    "peer unverified": {"verify_peer": False},
}


@pytest.mark.parametrize("keywords", FITTING.values(), ids=FITTING)
def test_what_fits_is_taken(keywords):
    """Neighbours of the contradictions are no contradictions."""
    assert isinstance(parse(keywords), Options)


def test_replaced_options_are_checked():
    """dataclasses.replace() cannot make a contradiction."""
    options = parse({"port": 993})
    with pytest.raises(UsageError, match="leave tls out"):
        dataclasses.replace(options, tls=TLS_NONE)


def test_options_made_by_hand_are_checked():
    """The class itself checks what it is given."""
    with pytest.raises(UsageError, match="port is a port from 1"):
        dataclasses.replace(parse({}), port=0)
    with pytest.raises(UsageError, match="port must not be None"):
        dataclasses.replace(parse({}), port=None)
    with pytest.raises(UsageError, match="proxy_username"):
        dataclasses.replace(parse({}), proxy="http://u:p@h")
