"""Signing, verifying, encrypting and decrypting beside openssl, dkimpy and the bare primitives.

The primitives' time is that of `cryptography` and base64 alone, over the same octets.
"""

import base64
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

SIZES = {"20 kB": 20_000, "10 MB": 10_000_000}
ROUNDS = {"20 kB": 21, "10 MB": 5}
FACTOR = 2.0
"""How much slower than the primitives S/MIME may be."""
DKIM = 5.0
"""How much quicker than dkimpy DKIM must be."""
ADDED = 32 * 1024
"""KiB that signing 100 MB may add."""
MEMORY = """
import resource, sys, netmail
from netmail.crypto import smime
cert, key = (open(name, "rb").read() for name in sys.argv[1:3])
def used(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
smime.sign(netmail.message("a@b.test", "c@d.test").text("x"), cert, key)
before = used()
message = netmail.message("a@b.test", "c@d.test").text("x").attachment(sys.argv[3])
sealed = smime.sign(message, cert, key)
assert sum(map(len, sealed.content.chunks())) > 130_000_000
print(used() - before)
"""


def run() -> bool:
    """Measure and print; tell whether each aim is met."""
    with tempfile.TemporaryDirectory() as folder:
        good = [_smime(Path(folder), size) for size in SIZES]
        return all([*good, _dkim(), _memory(Path(folder))])


def _median(
    call: Callable[[], object], rounds: int, clock: Callable[[], float] = time.process_time
) -> float:
    """Return the median milliseconds of a call; the first one is not counted.

    Other programs do not count where the processor's time is measured.
    """
    call()
    times = []
    for _ in range(rounds):
        begun = clock()
        call()
        times.append(clock() - begun)
    return statistics.median(times) * 1000


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
    good = True
    for name, (call, primitive, command) in rows.items():
        own, least = (_median(each, ROUNDS[title]) for each in (call, primitive))
        line = f"  S/MIME {title} {name:8} {own:8.2f} ms, primitives {least:8.2f} ms"
        line += f", x{own / least:.2f}"
        good = good and own <= FACTOR * least
        if command:
            program = ["openssl", "cms", *command.split(), "-out", os.devnull]
            other = _median(
                lambda program=program: subprocess.run(program, check=True, capture_output=True),
                5,
                time.perf_counter,
            )
            own = _median(call, ROUNDS[title], time.perf_counter)
            line += f"; {own:.1f} ms where openssl cms takes {other:.1f} ms"
            good = good and (title != "20 kB" or own < other)
        print(line)
    return good


class _Primitives:
    """What must be computed in any case."""

    def __init__(self, signer: object, reader: object, root: object) -> None:
        self.signer, self.reader = signer.key, reader
        self.cert, self.root = signer.cert, root

    def sign(self, part: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.hashes import SHA256

        sha256(part).digest()
        return self.signer.sign(part[:100], padding.PKCS1v15(), SHA256())

    def verify(self, part: bytes, signature: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.hashes import SHA256

        from netmail.crypto.smime.chain import path

        sha256(part).digest()
        self.signer.public_key().verify(signature, part[:100], padding.PKCS1v15(), SHA256())
        path(self.cert, [self.cert], [self.root], datetime.now(UTC))

    def encrypt(self, part: bytes) -> tuple[bytes, bytes, bytes]:
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        key, iv = os.urandom(32), os.urandom(16)
        given = self.reader.public_key().encrypt(key, padding.PKCS1v15())
        cbc = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        text = cbc.update(part[: len(part) // 16 * 16]) + cbc.finalize()
        return base64.encodebytes(text), given, iv

    def decrypt(self, text: bytes, given: bytes, iv: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        key = self.reader.decrypt(given, padding.PKCS1v15())
        cbc = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        return cbc.update(base64.decodebytes(text)) + cbc.finalize()


def _dkim() -> bool:
    import dkim as dkimpy

    import netmail
    from netmail.crypto import dkim
    from support.crypto_keys import DOMAIN, SELECTOR, letter, pem, rsa_key

    message = letter("A line of text as others are.\n" * 650)
    octets, key, secret = netmail.envelope_of(message).content, rsa_key(), pem(rsa_key())
    envelope = netmail.envelope_of(message)
    own = _median(lambda: dkim.sign(envelope, SELECTOR, DOMAIN, key), 41)
    names = SELECTOR.encode(), DOMAIN.encode()
    relaxed = (b"relaxed", b"relaxed")
    other = _median(lambda: dkimpy.sign(octets, *names, secret, canonicalize=relaxed), 21)
    print(f"  DKIM 20 kB sign {own:.2f} ms, dkimpy {other:.2f} ms, x{other / own:.1f}")
    return other >= DKIM * own


def _memory(folder: Path) -> bool:
    from support.crypto_certificates import person

    place = folder / "large.bin"
    with place.open("wb") as file:
        file.truncate(100_000_000)
    (folder / "own.cert").write_bytes(person().pem)
    (folder / "own.key").write_bytes(person().key_pem)
    names = [str(folder / "own.cert"), str(folder / "own.key"), str(place)]
    command = [sys.executable, "-c", MEMORY, *names]
    begun = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    added = int(subprocess.run(command, check=True, capture_output=True, timeout=300).stdout)
    took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begun
    print(f"  S/MIME sign 100 MB: {added / 1024:.1f} MiB added, {took:.1f} s of the processor")
    return added < ADDED
