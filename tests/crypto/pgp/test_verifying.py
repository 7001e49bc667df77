"""Verifying PGP/MIME: signatures of gpg, and each reason why one is not valid."""

import pytest

from netmail.crypto import pgp
from support.pgp_keys import ANN, BOB, CAROL, fingerprints, folder_of_keys, gpg, new_key

HEAD = b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
PART = b"Content-Type: text/plain\r\n\r\nHello\r\n"


def message(part, *signatures):
    """A message that another program has signed."""
    head = HEAD + b'Content-Type: multipart/signed; protocol="application/pgp-signature";\r\n'
    head += b'\tmicalg=pgp-sha256; boundary="b"\r\n\r\n'
    signature = b"".join(signatures).replace(b"\n", b"\r\n")
    end = b"\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n" + signature + b"--b--\r\n"
    return head + b"--b\r\n" + part + end


def by_gpg(home, *options, part=PART, who=ANN):
    """A signature that gpg makes."""
    given = ["--armor", "--local-user", who, *options, "--detach-sign"]
    return gpg(home, *given, octets=part)


@pytest.mark.parametrize("digest", ["SHA224", "SHA256", "SHA384", "SHA512"])
def test_signatures_of_gpg(digest, keys):
    """Each strong digest is valid."""
    found = pgp.verify(message(PART, by_gpg(keys, "--digest-algo", digest)), keys)

    assert found.reasons == ()
    assert found.valid
    assert found.digest == digest.lower()
    assert found.signer == ANN
    assert found.mail.text == "Hello\n"
    assert [found.fingerprint] == fingerprints(keys, ANN)
    assert found.revocation_checked


@pytest.mark.parametrize("digest", ["SHA1", "RIPEMD160"])
def test_weak_digest(digest, keys):
    """Gpg takes these signatures for valid; netmail never does."""
    made = by_gpg(keys, "--digest-algo", digest)

    found = pgp.verify(message(PART, made), keys)

    assert found.weak
    assert not found.valid
    assert found.reasons[0] == f"the digest {digest.lower()} is too weak"


def test_changed_text(keys):
    """A changed text is noticed."""
    found = pgp.verify(message(PART.replace(b"Hello", b"Howdy"), by_gpg(keys)), keys)

    assert not found.intact
    assert found.reasons == ("the text has changed, or the signature is broken",)


def test_several_signatures(keys):
    """Each signature is judged by itself, the best one first."""
    found = pgp.verify(message(PART, by_gpg(keys, "--local-user", BOB)), keys)

    assert found.valid
    assert found.signer == ANN
    assert [each.signer for each in found.others] == [BOB]
    assert "author" in found.others[0].reasons[0]


def test_unknown_key(keys):
    """A signature by a key that nobody knows proves nothing."""
    made = by_gpg(keys)
    with folder_of_keys() as empty:
        found = pgp.verify(message(PART, made), empty)

    assert not found.intact
    assert found.reasons == ("the key of the signer is not known",)


def test_key_that_is_not_trusted(keys):
    """Importing a key is not certifying it; naming its fingerprint trusts it."""
    made, public = by_gpg(keys), gpg(keys, "--export", ANN)
    with folder_of_keys() as home:
        gpg(home, "--import", octets=public)
        found = pgp.verify(message(PART, made), home)
        trusted = pgp.verify(message(PART, made), home, trust=fingerprints(home, ANN))
        other = pgp.verify(message(PART, made), home, trust=fingerprints(keys, BOB))

    assert found.intact
    assert found.reasons == ("the key is not trusted",)
    assert trusted.valid
    assert not other.trusted


def test_author_is_another(keys):
    """A signature of a trusted key under another author is never valid."""
    found = pgp.verify(message(PART, by_gpg(keys, who=CAROL)), keys)

    assert found.trusted
    assert not found.address_matches
    assert not found.valid


def test_expired_key():
    """An expired key is a reason, though gpg writes VALIDSIG."""
    with folder_of_keys() as home:
        new_key(home, ANN, "ed25519", expires="1d")
        made = by_gpg(home)
        gpg(home, "--quick-set-expire", fingerprints(home, ANN)[0], "seconds=1")
        for _ in range(1000):
            found = pgp.verify(message(PART, made), home)
            if "the key has expired" in found.reasons:
                break

    assert not found.valid
    assert "the key has expired" in found.reasons


def test_revoked_key():
    """A revoked key is a reason."""
    with folder_of_keys() as home:
        fingerprint = new_key(home, ANN, "ed25519")
        made = by_gpg(home)
        revocation = (home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_bytes()
        gpg(home, "--import", octets=revocation.replace(b":-----BEGIN", b"-----BEGIN"))
        found = pgp.verify(message(PART, made), home)

    assert not found.valid
    assert "the key was revoked" in found.reasons


def clear_signed(keys, text=b"Hello\n- dash\n"):
    """A message with a text that is signed in clear."""
    signed = gpg(keys, "--local-user", ANN, "--clearsign", octets=text)
    return (
        HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + signed.replace(b"\n", b"\r\n")
    )


def test_text_signed_in_clear(keys):
    """The old form is read; the text is that which gpg has verified."""
    found = pgp.verify(clear_signed(keys), keys)

    assert found.reasons == ()
    assert found.mail.text == "Hello\n- dash\n"


@pytest.mark.parametrize(
    ("before", "after"), [(b"Send money!\r\n", b""), (b"", b"\r\nSend money!\r\n")]
)
def test_text_around_the_signed_one(before, after, keys):
    """What is around a signed text is not signed, and no part of the result."""
    head, _, body = clear_signed(keys).partition(b"\r\n\r\n")

    found = pgp.verify(head + b"\r\n\r\n" + before + body + after, keys)

    assert not found.covers_all
    assert not found.valid
    assert b"money" not in found.content


def test_footer_of_a_list(keys):
    """A signed part within another is not the whole message."""
    inner = message(PART, by_gpg(keys))
    start = inner.index(b"Content-Type: multipart/signed")
    whole = HEAD + b'Content-Type: multipart/mixed; boundary="list"\r\n\r\n--list\r\n'
    whole += inner[start:] + b"\r\n--list\r\n\r\nBuy this!\r\n--list--\r\n"

    found = pgp.verify(whole, keys)

    assert found.intact
    assert found.reasons == ("only a part of it is signed",)


def test_line_ends_of_unix(keys):
    """A message in a file with LF line ends is verified as it was sent."""
    assert pgp.verify(message(PART, by_gpg(keys)).replace(b"\r\n", b"\n"), keys).valid


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (HEAD + b"\r\nHello\r\n", "the message is not signed by PGP"),
        (message(PART, b"nothing\n"), "there is no signature that can be read"),
    ],
)
def test_unsigned(octets, reason, keys):
    """What is not signed is not valid, and says why."""
    found = pgp.verify(octets, keys)

    assert found.reasons == (reason,)
    assert not found


def test_address_that_nobody_has_certified(keys):
    """The owner of a key that is trusted for one address can write any other into it."""
    with folder_of_keys() as own, folder_of_keys() as stranger:
        gpg(own, "--import", octets=gpg(keys, "--export-secret-keys", BOB))
        gpg(own, "--import-ownertrust", octets=f"{fingerprints(own, BOB)[0]}:6:\n".encode())
        print_ = new_key(stranger, "eve@evil.test", "ed25519")
        gpg(stranger, "--quick-add-uid", print_, f"Ann <{ANN}>")
        gpg(own, "--import", octets=gpg(stranger, "--export", print_))
        gpg(own, "--local-user", BOB, "--quick-lsign-key", print_, "Name <eve@evil.test>")
        made = by_gpg(stranger, who=print_)

        forged = pgp.verify(message(PART, made), own)
        honest = pgp.verify(message(PART, made).replace(b"ann@example", b"eve@evil"), own)
        chosen = pgp.verify(message(PART, made), own, trust=[print_])

    assert honest.valid
    assert forged.trusted
    assert not forged.address_matches
    assert not forged.valid
    assert chosen.valid  # all addresses of a key that the caller trusts itself


def test_many_signatures(keys):
    """No message makes a verifier run gpg more than sixteen times."""
    made = gpg(keys, "--dearmor", octets=by_gpg(keys))

    found = pgp.verify(message(PART, gpg(keys, "--enarmor", octets=made * 40)), keys)

    assert len(found.others) == 15


def test_several_from(keys):
    """Of several From a reader may be shown one that is not the signer's."""
    octets = message(PART, by_gpg(keys)).replace(b"To: ", b"From: eve@evil.test\r\nTo: ", 1)

    found = pgp.verify(octets, keys)

    assert found.intact
    assert not found.address_matches
    assert not found.valid
