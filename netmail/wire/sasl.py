"""The SASL mechanisms that netmail implements: the response to each challenge.

This file must not know a protocol: how a challenge is framed (334, "+ ") is the conversation's
business.

A mechanism is a generator that yields responses and is sent challenges. Its first yield is the
initial response, or `None` if the server sends the first challenge. It returns when it has nothing
more to send: SCRAM only after the server has proved that it knows the password too.
"""

import base64
import binascii
from collections.abc import Callable, Generator
from typing import NamedTuple, TypeAlias

from netmail.errors import AuthenticationError, UsageError
from netmail.options.mechanism import Supplied
from netmail.secret import Secret

Responses: TypeAlias = Generator[bytes | None, bytes, None]

MAX_ITERATIONS = 1_000_000
"""SCRAM rounds that a server may ask for, about a second of work; RFC 5802 section 9 warns of
servers that ask for more to use up the client's time."""


class Credentials(NamedTuple):
    """What a login proves an identity with.

    Attributes:
        username: The authentication identity.
        password: For the mechanisms with a password.
        token: For the OAuth 2 mechanisms.
        authzid: The authorization identity, to act as; "" for the authentication identity.
        host: The server's name, for OAUTHBEARER.
        port: The server's port, for OAUTHBEARER.
        nonce: SCRAM's client nonce, printable and without commas; "" for a random one.
        end_point: The channel binding "tls-server-end-point", RFC 5929 section 4; empty without.
        plus_offered: Whether the server offers a mechanism that binds the channel.

    RFC 4422 section 2.
    """

    username: str
    password: Secret | None = None
    token: Secret | None = None
    authzid: str = ""
    host: str = ""
    port: int = 0
    nonce: str = ""
    end_point: bytes = b""
    plus_offered: bool = False

    @property
    def has_secret(self) -> bool:
        """Whether there is a password or a token."""
        return self.password is not None or self.token is not None


def responses(mechanism: str, credentials: Credentials) -> Responses:
    """Return the generator of `mechanism`."""
    if isinstance(mechanism, Supplied):
        return _supplied(mechanism, credentials)
    return MECHANISMS[mechanism](credentials)


def secrets_of(credentials: Credentials) -> list[bytes]:
    """List the secrets in `credentials`, as they are and in base64."""
    secrets = [credentials.password, credentials.token]
    plain = [secret.reveal().encode() for secret in secrets if secret is not None]
    return [*plain, *map(encode, plain)]


def encode(response: bytes) -> bytes:
    """Write a response in base64; an empty initial response, "=", is the conversation's business.

    RFC 4954 section 4, RFC 5034 section 4, RFC 9051 section 6.2.2.
    """
    return base64.b64encode(response)


def decode(challenge: bytes) -> bytes:
    """Read a challenge in base64; text that is not base64, as some servers send, is taken as it is.

    RFC 4954 section 4, RFC 5034 section 4, RFC 9051 section 6.2.2.
    """
    try:
        return base64.b64decode(challenge, validate=True)
    except binascii.Error:
        return challenge


def _supplied(mechanism: Supplied, credentials: Credentials) -> Responses:
    """Respond as a caller's own mechanism does."""
    steps = mechanism.make(credentials.username, credentials.password or credentials.token)
    challenge = yield _response(mechanism, steps.step(None))
    while True:
        challenge = yield _response(mechanism, steps.step(challenge))


def _response(mechanism: Supplied, response: object) -> bytes | None:
    if response is None or isinstance(response, bytes):
        return response
    kind = type(response).__name__
    raise UsageError(f"step() of your mechanism {mechanism} returns bytes or None, not {kind}")


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
    """Respond as PLAIN.

    RFC 4616 section 2.
    """
    # message = [authzid] UTF8NUL authcid UTF8NUL passwd
    # authcid = 1*SAFE; authzid = 1*SAFE; passwd = 1*SAFE; SAFE: UTF-8 without NUL
    # No variable holds the message, here and below: a trace with variables would show it.
    yield f"{credentials.authzid}\0{credentials.username}\0{_password(credentials)}".encode()


def login(credentials: Credentials) -> Responses:
    """Respond as LOGIN, which no RFC defines: the name, then the password.

    The challenges, "Username:" and "Password:" in most servers, are not looked at.
    """
    # Without an initial response, which not every server takes.
    yield None
    yield credentials.username.encode()
    yield _password(credentials).encode()


def cram_md5(credentials: Credentials) -> Responses:
    """Respond as CRAM-MD5.

    RFC 2195 section 2.
    """
    import hmac  # noqa: PLC0415 -- as in `_scram_proofs`

    # The server begins, with a timestamp such as <1896.697170952@postoffice.reston.mci.net>.
    # response: user name SP digest, which is HMAC-MD5 of the challenge in lower-case hexadecimal
    challenge = yield None
    # No variable holds the digest: a trace with it would help to guess the password.
    mac = hmac.new(_password(credentials).encode(), challenge, "md5")
    yield f"{credentials.username} {mac.hexdigest()}".encode()


def external(credentials: Credentials) -> Responses:
    """Respond as EXTERNAL: the client certificate proves the identity.

    RFC 4422 appendix A.
    """
    # extern-initial-resp = *( UTF8-char-no-nul ): the authorization identity, empty for one's own
    yield credentials.authzid.encode()


def xoauth2(credentials: Credentials) -> Responses:
    """Respond as XOAUTH2, which Google defined and Microsoft uses; no RFC has it."""
    # "user=" name %x01 "auth=Bearer " token %x01 %x01
    # After a refusal the server sends a challenge, JSON with the reason, and waits for an empty
    # response before it sends the negative reply.
    yield f"user={credentials.username}\1auth=Bearer {_token(credentials)}\1\1".encode()
    yield b""


def oauthbearer(credentials: Credentials) -> Responses:
    """Respond as OAUTHBEARER.

    RFC 7628 sections 3.1 and 3.2.3.
    """
    # client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep
    # kvsep = %x01; kvpair = key "=" value kvsep; key = 1*(ALPHA)
    # gs2-header: "n," [ "a=" saslname ] ","                               RFC 5802 section 7
    gs2_header = f"n,a={_saslname(credentials.authzid or credentials.username)},"
    server = f"host={credentials.host}\1port={credentials.port}\1" if credentials.host else ""
    yield f"{gs2_header}\1{server}auth=Bearer {_token(credentials)}\1\1".encode()
    # To an error challenge: a single %x01 lets the server complete the exchange with its refusal.
    yield b"\1"


def _scram(digest: str, *, binds: bool = False) -> Callable[[Credentials], Responses]:
    def mechanism(credentials: Credentials) -> Responses:
        """Respond as SCRAM.

        RFC 5802 sections 3, 5, 6 and 7; RFC 7677 for SHA-256.
        """
        # client-first-message = gs2-header client-first-message-bare
        # gs2-header = gs2-cbind-flag "," [ authzid ] ","; authzid = "a=" saslname
        authzid = f"a={_saslname(credentials.authzid)}" if credentials.authzid else ""
        header = f"{_binding_flag(credentials, binds=binds)},{authzid},"
        # client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
        # username = "n=" saslname; nonce = "r=" c-nonce [s-nonce]
        nonce = credentials.nonce or _random_nonce()
        bare = f"n={_saslname(credentials.username)},r={nonce}"
        server_first = (yield (header + bare).encode()).decode("utf-8", "replace")
        salt, rounds, nonce = _read_server_first(server_first, nonce)

        # client-final-message = client-final-message-without-proof "," proof
        # client-final-message-without-proof = channel-binding "," nonce ["," extensions]
        # channel-binding = "c=" base64, of the gs2-header; proof = "p=" base64
        # AuthMessage := client-first-message-bare "," server-first-message ","
        #                client-final-message-without-proof
        # cbind-input = gs2-header [ cbind-data ]
        bound = credentials.end_point if binds else b""
        channel = base64.b64encode(header.encode() + bound).decode()
        without_proof = f"c={channel},r={nonce}"
        signed = f"{bare},{server_first},{without_proof}".encode()
        # Secrets, since a trace with the variables of this frame would help to guess the password.
        proof, expected = _scram_proofs(digest, _password(credentials), salt, rounds, signed)
        server_final = yield f"{without_proof},p={proof.reveal()}".encode()

        # server-final-message = (server-error / verifier) ["," extensions]
        # server-error = "e=" server-error-value; verifier = "v=" base64
        if not _equal(server_final.split(b",")[0], expected.reveal().encode()):
            text = server_final.decode("utf-8", "backslashreplace")[:200]
            message = f"the server did not prove that it knows the password: {text}"
            raise AuthenticationError("login", message)
        yield b""

    return mechanism


def _binding_flag(credentials: Credentials, *, binds: bool) -> str:
    """Write gs2-cbind-flag: ("p=" cb-name) / "n" / "y".

    RFC 5802 section 6.
    """
    if binds:
        return "p=tls-server-end-point"
    # "y": "client does support channel binding but thinks the server does not". One in the middle
    # that takes the -PLUS names out of the server's list is noticed by the server then. "n" is
    # for a client that cannot, or that has chosen another of the mechanisms offered.
    return "y" if credentials.end_point and not credentials.plus_offered else "n"


def _equal(one: bytes, other: bytes) -> bool:
    """Compare in a time that tells nothing of where they differ."""
    import hmac  # noqa: PLC0415 -- as in `_scram_proofs`

    return hmac.compare_digest(one, other)


def _scram_proofs(
    digest: str, password: str, salt: bytes, rounds: int, signed: bytes
) -> tuple[Secret, Secret]:
    """Compute ClientProof, in base64, and the verifier that the server must send.

    In a frame of its own, which is gone when an error is raised: a trace shows no key.

    RFC 5802 section 3.
    """
    # OpenSSL's bindings: their import costs 3 ms, and most logins never need them.
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    # SaltedPassword := Hi(Normalize(password), salt, i); Hi is PBKDF2 with HMAC
    # ClientKey := HMAC(SaltedPassword, "Client Key"); StoredKey := H(ClientKey)
    # ClientSignature := HMAC(StoredKey, AuthMessage); ClientProof := ClientKey XOR ClientSignature
    # ServerKey := HMAC(SaltedPassword, "Server Key")
    # ServerSignature := HMAC(ServerKey, AuthMessage)
    salted = hashlib.pbkdf2_hmac(digest, saslprep(password).encode(), salt, rounds)
    client_key = hmac.digest(salted, b"Client Key", digest)
    signature = hmac.digest(hashlib.new(digest, client_key).digest(), signed, digest)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    server_key = hmac.digest(salted, b"Server Key", digest)
    verifier = base64.b64encode(hmac.digest(server_key, signed, digest)).decode()
    return Secret(base64.b64encode(proof).decode()), Secret(f"v={verifier}")


def _read_server_first(text: str, nonce: str) -> tuple[bytes, int, str]:
    """Read the server's first message: its salt, its iteration count, and the whole nonce.

    RFC 5802 section 5.1.
    """
    # server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
    # salt = "s=" base64; iteration-count = "i=" posit-number; reserved-mext = "m=" 1*(value-char)
    fields = dict(part.partition("=")[::2] for part in text.split(","))
    # "its presence in a client or a server message MUST cause authentication failure"
    if text.startswith("m="):
        raise AuthenticationError("login", f"the server's SCRAM is extended: {text[:200]!r}")
    try:
        salt = base64.b64decode(fields["s"], validate=True)
        rounds = int(fields["i"])
        whole = fields["r"]
    except (KeyError, ValueError):
        message = f"the server's SCRAM challenge cannot be read: {text[:200]!r}"
        raise AuthenticationError("login", message) from None
    # "The client MUST verify that the initial part of the nonce used in subsequent messages is the
    # same as the nonce it initially specified": else a recorded exchange could be replayed.
    if not whole.startswith(nonce) or whole == nonce:
        text = "the server's SCRAM nonce does not extend the client's"
        raise AuthenticationError("login", text)
    if not 1 <= rounds <= MAX_ITERATIONS:
        message = f"the server asks for {rounds} SCRAM rounds; 1 to {MAX_ITERATIONS} are reasonable"
        raise AuthenticationError("login", message)
    return salt, rounds, whole


def _random_nonce() -> str:
    import secrets  # noqa: PLC0415 -- only SCRAM needs it

    return secrets.token_urlsafe(24)


def _saslname(name: str) -> str:
    """Write a name with "," and "=" escaped.

    RFC 5802 section 5.1.
    """
    # "," is written "=2C" and "=" is written "=3D"; all other characters as they are
    return saslprep(name).replace("=", "=3D").replace(",", "=2C")


def saslprep(text: str) -> str:
    """Prepare a name or a password.

    RFC 4013 section 2.
    """
    # ASCII has nothing to map, and is its own normal form.
    if text.isascii():
        return text
    import stringprep  # noqa: PLC0415 -- large tables for rare passwords
    import unicodedata  # noqa: PLC0415

    # 2.1 Mapping: non-ASCII spaces to space, "commonly mapped to nothing" removed. 2.2: NFKC.
    spaced = "".join(" " if stringprep.in_table_c12(char) else char for char in text)
    mapped = "".join(char for char in spaced if not stringprep.in_table_b1(char))
    return unicodedata.normalize("NFKC", mapped)


BINDING = frozenset({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"})
"""Mechanisms that bind the login to the connection's TLS: RFC 5802 section 6."""

MUTUAL = BINDING | {"SCRAM-SHA-256", "SCRAM-SHA-1"}
"""Mechanisms in which the server proves itself; its positive reply alone is not trusted."""

MECHANISMS: dict[str, Callable[[Credentials], Responses]] = {
    "SCRAM-SHA-256-PLUS": _scram("sha256", binds=True),
    "SCRAM-SHA-1-PLUS": _scram("sha1", binds=True),
    "SCRAM-SHA-256": _scram("sha256"),
    "SCRAM-SHA-1": _scram("sha1"),
    "OAUTHBEARER": oauthbearer,
    "XOAUTH2": xoauth2,
    "CRAM-MD5": cram_md5,
    "PLAIN": plain,
    "LOGIN": login,
    "EXTERNAL": external,
}
"""The mechanisms by name: a new one is a generator and a row here."""
