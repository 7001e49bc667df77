"""Signing, verifying, encrypting and decrypting beside openssl, dkimpy and the bare primitives.

The primitives' time is that of digests, ciphers, RSA, the path of certificates, base64 and the look
at line ends, over the same octets. Beside it is that of parse(), for what is received is read too.
"""

import binascii
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

SIZES = {"20 kB": 20_000, "10 MB": 10_000_000}
ROUNDS = {"20 kB": 101, "10 MB": 5}
FACTOR = 2.0
"""How much slower than the primitives, and parse() of what is received, S/MIME may be."""
DKIM = 5.0
"""How much quicker than dkimpy DKIM must be."""
ADDED = 32
"""MiB that signing 100 MB may add."""
MEMORY = """
import sys, netmail
from cryptography.hazmat.primitives.asymmetric import rsa
from netmail.crypto import dkim, pgp, smime
kind, cert, key, home, large = sys.argv[1:]
cert, key = (open(name, "rb").read() for name in (cert, key))
def used():  # the most that this process itself has used: its parent's is not in it
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
sign = {
    "S/MIME": lambda message: smime.sign(message, cert, key),
    "DKIM": lambda message: dkim.sign(message, "s", "example.test", key),
    "PGP": lambda message: pgp.sign(message, home),
}[kind]
message = netmail.message("ann@example.test", "bob@example.test").text("x")
sign(message)
before = used()
sealed = sign(message.attachment(large))
assert sum(map(len, sealed.content.chunks())) > 130_000_000
print(used() - before)
"""


def run() -> bool:
    """Measure and print; tell whether each aim is met."""
    with tempfile.TemporaryDirectory() as folder:
        good = [_smime(Path(folder), size) for size in SIZES]
        return all([*good, _dkim(), _memory(Path(folder))])


def _medians(
    calls: list[Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.process_time,
) -> list[float]:
    """Return the median milliseconds of each call; the first round is not counted.

    Other programs do not count where the processor's time is measured. The calls take turns, so
    that a machine which gets slower does so for all of them.
    """
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(rounds):
        for call, taken in zip(calls, times, strict=True):
            begun = clock()
            call()
            taken.append(clock() - begun)
    return [statistics.median(taken) * 1000 for taken in times]


def _smime(folder: Path, title: str) -> bool:
    import netmail
    from netmail.crypto import smime
    from support.crypto_certificates import ANN, BOB, authority, person

    ann, bob, root = person(), person(BOB), authority()
    octets = os.urandom(SIZES[title] * 3 // 4)
    message = netmail.envelope_of(netmail.message(ANN, BOB, "x").attachment(octets, "x.bin"))
    message = netmail.Envelope(message.sender, message.recipients, bytes(message.content))
    signed = smime.sign(message, ann.cert, ann.key)
    [sealed] = smime.encrypt(message, [bob.cert])
    files = {"cert": bob.pem, "key": bob.key_pem, "ca": root.pem}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "signed").write_bytes(signed.as_bytes())
    (folder / "sealed").write_bytes(sealed.as_bytes())
    part, bare = message.content, _Primitives(ann, bob.key, root.cert)
    encrypted, key, iv = bare.encrypt(part)
    signature = bare.sign(part)
    rows = {
        "sign": (lambda: smime.sign(message, ann.cert, ann.key), lambda: bare.sign(part), ""),
        "verify": (
            lambda: smime.verify(signed, [root.cert]),
            lambda: bare.verify(part, signature),
            f"-verify -CAfile {folder}/ca -in {folder}/signed",
        ),
        "encrypt": (lambda: smime.encrypt(message, [bob.cert]), lambda: bare.encrypt(part), ""),
        "decrypt": (
            lambda: smime.decrypt(sealed, bob.cert, bob.key),
            lambda: bare.decrypt(encrypted, key, iv),
            f"-decrypt -recip {folder}/cert -inkey {folder}/key -in {folder}/sealed",
        ),
    }
    received = {"verify": signed.as_bytes(), "decrypt": sealed.as_bytes()}
    good = True
    for name, (call, primitive, command) in rows.items():
        reading = partial(_structure, received.get(name, b""))
        own, least, read = _medians([call, primitive, reading], ROUNDS[title])
        line = f"  S/MIME {title} {name:8}{own:7.2f} ms, primitives{least:7.2f} ms"
        line += f", x{own / least:.2f}"
        if command:
            line += f" (x{own / (least + read):.2f} with{read:6.2f} ms of parse())"
            program = ["openssl", "cms", *command.split(), "-out", os.devnull]
            run = partial(subprocess.run, program, check=True, capture_output=True)
            quick, other = _medians([call, run], 9, time.perf_counter)
            line += f"; {quick:.1f} ms where openssl cms takes {other:.1f} ms"
            good = good and (title != "20 kB" or quick < other)
        good = good and own <= FACTOR * (least + read)
        print(line)
    return good


def _structure(octets: bytes) -> object:
    """Read of which parts a message consists."""
    import netmail

    return [part.content_type for part in netmail.parse(octets).walk()] if octets else None


class _Primitives:
    """What must be computed in any case, by the quickest functions that Python has for it.

    Line ends are compared, since S/MIME signs CRLF; what is written or read as base64 is so here,
    without lines. Neither MIME nor DER is counted, and all certificates are loaded.
    """

    def __init__(self, signer: object, reader: object, root: object) -> None:
        self.signer, self.reader = signer.key, reader
        self.cert, self.root = signer.cert, root

    def sign(self, part: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.hashes import SHA256

        assert part.count(b"\n") == part.count(b"\r\n")
        sha256(part).digest()
        return self.signer.sign(part[:100], padding.PKCS1v15(), SHA256())

    def verify(self, part: bytes, signature: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.hashes import SHA256

        from netmail.crypto.smime.chain import path

        assert part.count(b"\n") == part.count(b"\r\n")
        sha256(part).digest()
        self.signer.public_key().verify(signature, part[:100], padding.PKCS1v15(), SHA256())
        path(self.cert, [self.cert], [self.root], datetime.now(UTC))

    def encrypt(self, part: bytes) -> tuple[bytes, bytes, bytes]:
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        assert part.count(b"\n") == part.count(b"\r\n")
        key, iv = os.urandom(32), os.urandom(16)
        given = self.reader.public_key().encrypt(key, padding.PKCS1v15())
        cbc = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        text = cbc.update(part[: len(part) // 16 * 16]) + cbc.finalize()
        return binascii.b2a_base64(text), given, iv

    def decrypt(self, text: bytes, given: bytes, iv: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        key = self.reader.decrypt(given, padding.PKCS1v15())
        cbc = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        part = cbc.update(binascii.a2b_base64(text)) + cbc.finalize()
        assert part.count(b"\n") == part.count(b"\r\n")
        return part


def _dkim() -> bool:
    import dkim as dkimpy

    import netmail
    from netmail.crypto import dkim
    from support.crypto_keys import DOMAIN, SELECTOR, letter, pem, rsa_key

    message = letter("A line of text as others are.\n" * 650)
    octets, key, secret = netmail.envelope_of(message).content, rsa_key(), pem(rsa_key())
    envelope = netmail.envelope_of(message)
    names = SELECTOR.encode(), DOMAIN.encode()
    relaxed = (b"relaxed", b"relaxed")
    own, other = _medians(
        [
            lambda: dkim.sign(envelope, SELECTOR, DOMAIN, key),
            lambda: dkimpy.sign(octets, *names, secret, canonicalize=relaxed),
        ],
        41,
    )
    print(f"  DKIM 20 kB sign {own:.2f} ms, dkimpy {other:.2f} ms, x{other / own:.1f}")
    return other >= DKIM * own


def _memory(folder: Path) -> bool:
    from support.crypto_certificates import ANN, person
    from support.pgp_keys import folder_of_keys, new_key

    if not Path("/proc/self/status").exists():
        print("  memory: not measured, for only Linux tells what a process has used itself")
        return True
    place = folder / "large.bin"
    with place.open("wb") as file:
        file.truncate(100_000_000)
    (folder / "own.cert").write_bytes(person().pem)
    (folder / "own.key").write_bytes(person().key_pem)
    good = True
    with folder_of_keys() as home:
        new_key(home, ANN)
        for kind in ("S/MIME", "DKIM", "PGP"):
            names = [folder / "own.cert", folder / "own.key", home, place]
            command = [sys.executable, "-c", MEMORY, kind, *map(str, names)]
            begun = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            done = subprocess.run(command, check=True, capture_output=True, timeout=300)
            took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begun
            added = int(done.stdout) / 1024
            print(f"  {kind} sign 100 MB: {added:.1f} MiB added, {took:.1f} s of the processor")
            good = good and added < ADDED
    return good
