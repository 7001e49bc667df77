"""SASL mechanisms against their RFCs' examples, and servers that cheat."""

import base64
import traceback

import pytest
import scramp
from hypothesis import given
from hypothesis import strategies as st

from netmail.errors import AuthenticationError
from netmail.secret import Secret
from netmail.wire import sasl
from netmail.wire.sasl import Credentials

PENCIL = Credentials("user", Secret("pencil"))
# RFC 5802 section 5 and RFC 7677 section 3: client nonce, and what each side says.
SCRAM = {
    "SCRAM-SHA-1": (
        "fyko+d2lbbFgONRv9qkxdawL",
        b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    "SCRAM-SHA-256": (
        "rOprNGfwEbeRWgbNEkqO",
        b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        (
            b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        ),
        b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
}
each_scram = pytest.mark.parametrize("name", SCRAM)


def scram(name, **changes):
    """A SCRAM exchange of the RFC's, up to the client's first message."""
    nonce = SCRAM[name][0]
    return sasl.responses(name, Credentials(**{"username": "user", "password": Secret("pencil"),
                                               "nonce": nonce, **changes}))  # fmt: skip


@each_scram
def test_scram_says_what_the_rfc_says(name):
    """Both responses and the final go-on are those of the RFC's example."""
    _, first, server_first, proof, server_final = SCRAM[name]
    exchange = scram(name)
    sent = [next(exchange), exchange.send(server_first), exchange.send(server_final)]

    assert sent == [first, proof, b""]


@each_scram
@pytest.mark.parametrize(
    "final",
    [b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=", b"", b"v=", b"e=invalid-proof", b"\xff", b"v"],
)
def test_scram_server_without_the_password(name, final):
    """A server that does not prove itself is refused."""
    exchange = scram(name)
    next(exchange)
    exchange.send(SCRAM[name][2])

    with pytest.raises(AuthenticationError, match="did not prove"):
        exchange.send(final)


@each_scram
@pytest.mark.parametrize(
    ("challenge", "sentence"),
    [
        (b"r=another,s=QSXCR+Q6sek8bf92,i=4096", "does not extend"),
        (b"r=%b,s=QSXCR+Q6sek8bf92,i=4096", "does not extend"),
        (b"r=%bX,s=QSXCR+Q6sek8bf92,i=1000000000", "1000000000 SCRAM rounds"),
        (b"r=%bX,s=QSXCR+Q6sek8bf92,i=0", "0 SCRAM rounds"),
        (b"r=%bX,s=QSXCR+Q6sek8bf92,i=-1", "-1 SCRAM rounds"),
        (b"r=%bX,s=QSXCR+Q6sek8bf92,i=many", "cannot be read"),
        (b"r=%bX,s=QSXCR+Q6sek8bf92,i=" + b"9" * 10_000, "cannot be read"),
        (b"r=%bX,s=Q,i=4096", "cannot be read"),
        (b"r=%bX,i=4096", "cannot be read"),
        (b"s=QSXCR+Q6sek8bf92,i=4096", "cannot be read"),
        (b"m=ext,r=%bX,s=QSXCR+Q6sek8bf92,i=4096", "extended"),
        (b"", "cannot be read"),
        (b"\xff\0", "cannot be read"),
    ],
    ids=[
        "other-nonce", "same-nonce", "billion", "zero", "negative", "word", "digits", "salt",
        "no-salt", "no-nonce", "mandatory-extension", "empty", "binary",
    ],
)  # fmt: skip
def test_scram_bad_challenge(name, challenge, sentence):
    """A challenge that is weak, costly or unreadable gets no proof."""
    exchange = scram(name)
    next(exchange)

    with pytest.raises(AuthenticationError, match=sentence):
        exchange.send(challenge.replace(b"%b", SCRAM[name][0].encode()))


@each_scram
def test_scram_nonces_differ(name):
    """Each login has a nonce of its own, long enough and without commas."""
    credentials = Credentials("user", Secret("pencil"))
    nonces = {next(sasl.responses(name, credentials)).split(b",r=")[1] for _ in range(20)}

    assert len(nonces) == 20
    assert all(len(n) >= 24 and b"," not in n for n in nonces)


def test_scram_names_are_escaped():
    """Comma and equals sign in names do not end them; authzid has its place."""
    exchange = scram("SCRAM-SHA-256", username="a,b=c", authzid="x,y", nonce="N")

    assert next(exchange) == b"n,a=x=2Cy,n=a=2Cb=3Dc,r=N"


@pytest.mark.parametrize(
    ("password", "prepared"),
    [("I\u00adX", "IX"), ("\u00aa", "a"), ("\u2168", "IX"), ("a\u00a0b", "a b"), ("pass", "pass")],
)
def test_scram_prepares_passwords(password, prepared):
    """RFC 4013's examples: what looks the same counts as the same."""
    proofs = []
    for text in (password, prepared):
        exchange = scram("SCRAM-SHA-1", password=Secret(text))
        next(exchange)
        proofs.append(exchange.send(SCRAM["SCRAM-SHA-1"][2]))

    assert proofs[0] == proofs[1]


@pytest.mark.parametrize(
    ("name", "credentials", "exchange"),
    [
        # RFC 2195 section 2.
        (
            "CRAM-MD5",
            Credentials("tim", Secret("tanstaaftanstaaf")),
            [
                (None, None),
                (
                    b"<1896.697170952@postoffice.reston.mci.net>",
                    b"tim b913a602c7eda7a495b4e6e7334d3890",
                ),
            ],
        ),
        # RFC 4616 section 4.
        (
            "PLAIN",
            Credentials("tim", Secret("tanstaaftanstaaf")),
            [(None, b"\0tim\0tanstaaftanstaaf")],
        ),
        (
            "PLAIN",
            Credentials("Kurt", Secret("xipj3plmq"), authzid="Ursel"),
            [(None, b"Ursel\0Kurt\0xipj3plmq")],
        ),
        ("PLAIN", Credentials("ü", Secret("ß")), [(None, "\0ü\0ß".encode())]),
        (
            "LOGIN",
            Credentials("tim", Secret("tan")),
            [(None, None), (b"Username:", b"tim"), (b"Password:", b"tan")],
        ),
        ("EXTERNAL", Credentials(""), [(None, b"")]),
        ("EXTERNAL", Credentials("", authzid="fred"), [(None, b"fred")]),
        # RFC 7628 section 4.1.
        (
            "OAUTHBEARER",
            Credentials(
                "user@example.com",
                token=Secret("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="),
                host="server.example.com",
                port=143,
            ),
            [
                (
                    None,
                    (b"n,a=user@example.com,\1host=server.example.com\1port=143\1"
                    b"auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"),
                ),
                (b'{"status":"invalid_token"}', b"\1"),
            ],
        ),
        (
            "XOAUTH2",
            Credentials("someuser@example.com", token=Secret("ya29.vF9dft4q")),
            [
                (None, b"user=someuser@example.com\1auth=Bearer ya29.vF9dft4q\1\1"),
                (b'{"status":"401"}', b""),
            ],
        ),
    ],
    ids=[
        "cram-md5", "plain", "plain-authzid", "plain-utf8", "login", "external",
        "external-authzid", "oauthbearer", "xoauth2",
    ],
)  # fmt: skip
def test_mechanism(name, credentials, exchange):
    """Each mechanism responds as its RFC's example does."""
    responses = sasl.responses(name, credentials)
    sent = [responses.send(challenge) for challenge, _ in exchange]

    assert sent == [response for _, response in exchange]


@pytest.mark.parametrize("name", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1"])
def test_password_is_needed(name):
    """Without a password the sentence says so."""
    exchange = sasl.responses(name, Credentials("user", nonce="N"))

    with pytest.raises(AuthenticationError, match="needs a password"):  # noqa: PT012 - one exchange
        next(exchange)
        exchange.send(b"r=NX,s=QSXCR+Q6sek8bf92,i=1")
        exchange.send(b"more")


@pytest.mark.parametrize("name", ["XOAUTH2", "OAUTHBEARER"])
def test_token_is_needed(name):
    """Without a token the sentence names the option."""
    with pytest.raises(AuthenticationError, match="oauth2_token"):
        next(sasl.responses(name, PENCIL))


@given(st.binary())
def test_base64_round_trip(data):
    """Decode inverts encode."""
    assert sasl.decode(sasl.encode(data)) == data


@pytest.mark.parametrize("text", [b"Username:", b"<1@h>", b"abc", b"\xff\xfe"])
def test_decode_takes_plain_text(text):
    """Some servers send challenges that are not in base64."""
    assert sasl.decode(text) == text


@given(st.binary(max_size=100))
def test_no_challenge_breaks_scram_otherwise(challenge):
    """Whatever a server sends, the exchange continues or raises AuthenticationError."""
    exchange = scram("SCRAM-SHA-256")
    next(exchange)
    try:
        sent = exchange.send(challenge)
    except AuthenticationError:
        return

    assert sent.startswith(b"c=biws,")


@each_scram
@pytest.mark.parametrize("last", [b"r=bad", SCRAM["SCRAM-SHA-1"][2]])
def test_no_secret_in_a_trace(name, last):
    """Not even a trace with local variables shows the password or what is derived from it."""
    exchange = scram(name, password=Secret("opensesame"))
    next(exchange)
    with pytest.raises(AuthenticationError) as caught:  # noqa: PT012 - the error may come at either
        exchange.send(last)
        exchange.send(b"v=wrong")
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()

    assert "opensesame" not in "".join(lines)


def test_credentials_show_no_secret():
    """The repr is fit for a log."""
    credentials = Credentials("user", Secret("opensesame"), Secret("tok3n"))

    assert "opensesame" not in repr(credentials)
    assert "tok3n" not in repr(credentials)


def test_secrets_of_lists_what_goes_over_the_wire():
    """Password and token, in clear and in base64, are what may not be shown."""
    credentials = Credentials("user", Secret("opensesame"), Secret("tok3n"))

    assert sasl.secrets_of(credentials) == [
        b"opensesame",
        b"tok3n",
        base64.b64encode(b"opensesame"),
        base64.b64encode(b"tok3n"),
    ]


def test_oauthbearer_acts_for_another():
    """RFC 7628 section 3.1: the authorization identity is in "a="."""
    exchange = sasl.responses("OAUTHBEARER", Credentials("user", token=Secret("t"), authzid="boss"))

    assert next(exchange) == b"n,a=boss,\1auth=Bearer t\1\1"


def converse(name, server, credentials):
    """Run a login at a server of another author's; return whether both sides are convinced."""
    exchange = sasl.responses(name, credentials)
    server.set_client_first(next(exchange).decode())
    proof = exchange.send(server.get_server_first().encode())
    server.set_client_final(proof.decode())
    return exchange.send(server.get_server_final().encode()) == b""


def scram_server(name, binding=None):
    mechanism = scramp.ScramMechanism(name)
    account = mechanism.make_auth_info("pencil")
    return mechanism.make_server(lambda _user: account, channel_binding=binding)


@pytest.mark.parametrize("name", sorted(sasl.BINDING))
def test_scram_binds_the_channel(name):
    """A server that knows its own certificate accepts; one with another certificate refuses."""
    bound = PENCIL._replace(end_point=b"hash", plus_offered=True)

    assert converse(name, scram_server(name, ("tls-server-end-point", b"hash")), bound)
    with pytest.raises(scramp.ScramException, match="channel bindings don't match"):
        converse(name, scram_server(name, ("tls-server-end-point", b"other")), bound)


@pytest.mark.parametrize("name", sorted(sasl.MUTUAL - sasl.BINDING))
def test_scram_notices_a_shortened_list(name):
    """A server that offers to bind the channel learns that the client has not seen the offer."""
    binding = ("tls-server-end-point", b"hash")
    cannot, unaware = PENCIL, PENCIL._replace(end_point=b"hash")

    assert next(sasl.responses(name, cannot)).startswith(b"n,,")
    assert next(sasl.responses(name, unaware)).startswith(b"y,,")
    assert next(sasl.responses(name, unaware._replace(plus_offered=True))).startswith(b"n,,")
    assert converse(name, scram_server(name), unaware)
    with pytest.raises(scramp.ScramException, match="server-does-support-channel-binding"):
        converse(name, scram_server(name, binding), unaware)
