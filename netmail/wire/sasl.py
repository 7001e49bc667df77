"""SASL mechanisms that netmail speaks itself: what to answer to which challenge.

This file knows no protocol: how challenges are framed (334, "+ ") is the conversation's business.

A mechanism is a generator that yields responses and is sent challenges. Its first yield is the
initial response, or `None` where the server speaks first. It returns when it is content with the
server; SCRAM is not before the server has proved that it knows the password too.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from netmail.errors import AuthenticationError
from netmail.secret import Secret

Responses: TypeAlias = Generator[bytes | None, bytes, None]

MAX_ITERATIONS = 1_000_000
"""SCRAM rounds that a server may ask for, about a second of work; more is an attack on us."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who logs in.

    Attributes:
        username: The authentication identity.
        password: For the mechanisms with a password.
        token: For the OAuth 2 mechanisms.
        authzid: The identity to act as; "" for one's own.
        host: The server's name, for OAUTHBEARER.
        port: The server's port, for OAUTHBEARER.
        nonce: SCRAM's client nonce, printable and without commas; "" for a random one.
    """

    username: str
    password: Secret | None = None
    token: Secret | None = None
    authzid: str = ""
    host: str = ""
    port: int = 0
    nonce: str = ""


def choose(wanted: Iterable[str], offered: Iterable[str]) -> str:
    """Pick the first wanted mechanism that the server offers.

    Raises:
        AuthenticationError: If there is none.
    """
    names, have = list(wanted), {name.upper() for name in offered}
    for name in names:
        if name in MECHANISMS and name in have:
            return name
    text = f"the server offers {' '.join(sorted(have)) or 'no mechanism'}; auth asks for {names}"
    raise AuthenticationError("login", text)


def for_authzid(credentials: Credentials) -> tuple[str, ...]:
    """List the mechanisms that can say an authorization identity with these credentials."""
    if credentials.token is not None:
        return ("OAUTHBEARER",)
    if credentials.password is not None:
        return ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")
    return ("EXTERNAL",)


def responses(mechanism: str, credentials: Credentials) -> Responses:
    """Begin the exchange of `mechanism`."""
    return MECHANISMS[mechanism](credentials)


def secrets_of(credentials: Credentials) -> list[bytes]:
    """List what of `credentials` must not be shown, as it goes over the wire and in base64."""
    secrets = [credentials.password, credentials.token]
    plain = [secret.reveal().encode() for secret in secrets if secret is not None]
    return [*plain, *map(encode, plain)]


def encode(response: bytes) -> bytes:
    """Write a response in base64; an empty initial response is written "=" by who sends it."""
    return base64.b64encode(response)


def decode(challenge: bytes) -> bytes:
    """Read a challenge in base64; text that is none, as some servers send, counts as it stands."""
    try:
        return base64.b64decode(challenge, validate=True)
    except binascii.Error:
        return challenge


# -- the mechanisms ---------------------------------------------------------------------------


def _password(credentials: Credentials) -> str:
    if credentials.password is None:
        raise AuthenticationError("login", "this mechanism needs a password")
    return credentials.password.reveal()


def _token(credentials: Credentials) -> str:
    if credentials.token is None:
        raise AuthenticationError("login", "this mechanism needs oauth2_token=...")
    return credentials.token.reveal()


def plain(credentials: Credentials) -> Responses:
    """Answer as PLAIN, RFC 4616: message = [authzid] NUL authcid NUL passwd."""
    parts = (credentials.authzid, credentials.username, _password(credentials))
    yield "\0".join(parts).encode()


def login(credentials: Credentials) -> Responses:
    """Answer as LOGIN, which no RFC defines: first the name, then the password."""
    yield None
    yield credentials.username.encode()
    yield _password(credentials).encode()


def cram_md5(credentials: Credentials) -> Responses:
    """Answer as CRAM-MD5, RFC 2195: name SP hex(HMAC-MD5(password, challenge))."""
    challenge = yield None
    digest = hmac.new(_password(credentials).encode(), challenge, "md5").hexdigest()
    yield f"{credentials.username} {digest}".encode()


def external(credentials: Credentials) -> Responses:
    """Answer as EXTERNAL, RFC 4422 appendix A: the client certificate says who we are."""
    yield credentials.authzid.encode()


def xoauth2(credentials: Credentials) -> Responses:
    """Answer as XOAUTH2, Google's and Microsoft's: an error challenge is answered with nothing."""
    message = f"user={credentials.username}\1auth=Bearer {_token(credentials)}\1\1"
    yield message.encode()
    yield b""


def oauthbearer(credentials: Credentials) -> Responses:
    """Answer as OAUTHBEARER, RFC 7628 section 3.1: an error challenge is answered with ^A."""
    who = f"n,a={_saslname(credentials.authzid or credentials.username)},"
    where = f"host={credentials.host}\1port={credentials.port}\1" if credentials.host else ""
    yield f"{who}\1{where}auth=Bearer {_token(credentials)}\1\1".encode()
    yield b"\1"


def _scram(digest: str) -> Callable[[Credentials], Responses]:
    def mechanism(credentials: Credentials) -> Responses:
        """Answer as SCRAM, RFC 5802 section 3, without channel binding."""
        who = f"a={_saslname(credentials.authzid)}" if credentials.authzid else ""
        header = f"n,{who},"
        nonce = credentials.nonce or _random_nonce()
        bare = f"n={_saslname(credentials.username)},r={nonce}"
        server_first = (yield (header + bare).encode()).decode("utf-8", "replace")
        salt, rounds, nonce = _read_server_first(server_first, nonce)

        channel = base64.b64encode(header.encode()).decode()
        without_proof = f"c={channel},r={nonce}"
        signed = f"{bare},{server_first},{without_proof}".encode()
        proof, expected = _scram_proofs(digest, _password(credentials), salt, rounds, signed)
        server_final = yield f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

        if not hmac.compare_digest(server_final.split(b",")[0], expected):
            text = server_final.decode("utf-8", "backslashreplace")[:200]
            message = f"the server did not prove that it knows the password: {text}"
            raise AuthenticationError("login", message)
        yield b""

    return mechanism


def _scram_proofs(
    digest: str, password: str, salt: bytes, rounds: int, signed: bytes
) -> tuple[bytes, bytes]:
    """Compute ClientProof and the server's expected "v=...", in a frame that no trace shows."""
    import hashlib  # noqa: PLC0415 -- OpenSSL's bindings; most logins never need them

    salted = hashlib.pbkdf2_hmac(digest, _saslprep(password).encode(), salt, rounds)
    client_key = hmac.digest(salted, b"Client Key", digest)
    signature = hmac.digest(hashlib.new(digest, client_key).digest(), signed, digest)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    server_key = hmac.digest(salted, b"Server Key", digest)
    return proof, b"v=" + base64.b64encode(hmac.digest(server_key, signed, digest))


def _read_server_first(text: str, nonce: str) -> tuple[bytes, int, str]:
    """Read server-first-message = nonce "," salt "," iteration-count."""
    fields = dict(part.partition("=")[::2] for part in text.split(","))
    if text.startswith("m="):  # RFC 5802 section 5.1: an extension we must know and do not
        raise AuthenticationError("login", f"the server's SCRAM is extended: {text[:200]!r}")
    try:
        salt = base64.b64decode(fields["s"], validate=True)
        rounds = int(fields["i"])
        whole = fields["r"]
    except (KeyError, ValueError):
        message = f"the server's SCRAM challenge cannot be read: {text[:200]!r}"
        raise AuthenticationError("login", message) from None
    if not whole.startswith(nonce) or whole == nonce:
        raise AuthenticationError("login", "the server's SCRAM nonce does not extend ours")
    if not 1 <= rounds <= MAX_ITERATIONS:
        message = f"the server asks for {rounds} SCRAM rounds; 1 to {MAX_ITERATIONS} are reasonable"
        raise AuthenticationError("login", message)
    return salt, rounds, whole


def _random_nonce() -> str:
    import secrets  # noqa: PLC0415 -- only SCRAM needs it

    return secrets.token_urlsafe(24)


def _saslname(name: str) -> str:
    """Write a name where "," and "=" have a meaning, RFC 5802 section 5.1."""
    return _saslprep(name).replace("=", "=3D").replace(",", "=2C")


def _saslprep(text: str) -> str:
    """Prepare a name or a password, RFC 4013."""
    if text.isascii():
        return text
    import stringprep  # noqa: PLC0415 -- large tables for rare passwords
    import unicodedata  # noqa: PLC0415

    spaced = "".join(" " if stringprep.in_table_c12(char) else char for char in text)
    mapped = "".join(char for char in spaced if not stringprep.in_table_b1(char))
    return unicodedata.normalize("NFKC", mapped)


MUTUAL = frozenset({"SCRAM-SHA-256", "SCRAM-SHA-1"})
"""Mechanisms by which the server proves itself; its word alone lets nobody in."""

MECHANISMS: dict[str, Callable[[Credentials], Responses]] = {
    "SCRAM-SHA-256": _scram("sha256"),
    "SCRAM-SHA-1": _scram("sha1"),
    "OAUTHBEARER": oauthbearer,
    "XOAUTH2": xoauth2,
    "CRAM-MD5": cram_md5,
    "PLAIN": plain,
    "LOGIN": login,
    "EXTERNAL": external,
}
