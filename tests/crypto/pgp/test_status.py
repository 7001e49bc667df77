"""What gpg's status lines mean."""

import pytest

from netmail.crypto.pgp.status import is_opened, refused_key, signatures, status_lines, unopened

FINGERPRINT = "A" * 40
VALID = f"VALIDSIG {'B' * 40} 2026-11-22 1795332502 0 4 0 22 10 00 {FINGERPRINT}"


def lines(*texts):
    """Status lines, with what gpg may write between them."""
    return status_lines(b"".join(f"[GNUPG:] {text}\n".encode() for text in texts))


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["NEWSIG", "GOODSIG B Ann", VALID, "TRUST_FULLY 0 pgp"], ""),
        (["NEWSIG", "GOODSIG B Ann"], "it cannot be verified"),
        (["NEWSIG", VALID], "it cannot be verified"),
        (["NEWSIG", "BADSIG B Ann"], "the text has changed, or the signature is broken"),
        (["NEWSIG", "EXPSIG B Ann", VALID], "the signature has expired"),
        (["NEWSIG", "EXPKEYSIG B Ann", VALID], "the key has expired"),
        (["NEWSIG", "REVKEYSIG B Ann", VALID], "the key was revoked"),
        (["NEWSIG", "ERRSIG B 22 10 00 1795332502 9 -"], "the key of the signer is not known"),
        (["NEWSIG", "ERRSIG B 22 10 00 1795332502 4 -"], "it cannot be verified"),
    ],
)
def test_one_signature(texts, reason):
    """A signature is right only if it is good, and has its whole fingerprint."""
    [found] = signatures(lines(*texts))

    assert found.reason == reason


def test_several_signatures():
    """What belongs to one signature is not taken for the next one."""
    first = ["NEWSIG", "GOODSIG B Ann", VALID, "TRUST_ULTIMATE 0 pgp"]
    second = ["NEWSIG", "BADSIG C Bob"]

    found = list(signatures(lines(*first, *second)))

    assert [each.reason == "" for each in found] == [True, False]
    assert [each.trusted for each in found] == [True, False]
    assert [each.fingerprint for each in found] == [FINGERPRINT, ""]


def test_other_lines():
    """Only lines of the status are read."""
    assert status_lines(b"gpg: [GNUPG:] GOODSIG B\nGOODSIG\n") == ()
    assert list(signatures(lines("GOODSIG B Ann", VALID))) == []


@pytest.mark.parametrize(
    ("texts", "opened"),
    [
        (["BEGIN_DECRYPTION", "DECRYPTION_OKAY", "GOODMDC", "END_DECRYPTION"], True),
        (["DECRYPTION_OKAY"], False),
        (["GOODMDC"], False),
        (["DECRYPTION_OKAY", "GOODMDC", "DECRYPTION_FAILED"], False),
        (["BADMDC", "DECRYPTION_FAILED"], False),
        ([], False),
    ],
)
def test_opened(texts, opened):
    """A text is handed over only if it is whole and nobody has changed it."""
    assert is_opened(lines(*texts)) is opened


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["INV_RECP 10 <b@x>"], "<b@x>: the key is not trusted"),
        (["INV_SGNR 9 <a@x>"], "<a@x>: there is no private key"),
        (["INV_RECP 77 <b@x>"], "<b@x>: the key cannot be used"),
        (["INV_RECP"], ": the key cannot be used"),
        (["KEY_CONSIDERED A 0"], ""),
        (["FAILURE sign-encrypt 67108875"], "the passphrase of the private key is wrong"),
        (["FAILURE sign 67109041"], "the private key needs its passphrase"),
        (["FAILURE sign 67108881"], ""),
        (["FAILURE sign x"], ""),
        (["FAILURE"], ""),
    ],
)
def test_refused(texts, reason):
    """A key that cannot be used has its reason."""
    assert refused_key(lines(*texts)) == reason


RIGHT = b"VALIDSIG F 2026-01-01 %s 0 4 0 22 8 00 F"


@pytest.mark.parametrize("seconds", [b"99999999999999999999", b"253402300800", b"x", b"\xc2\xb2"])
def test_time_that_no_calendar_has(seconds):
    """A time that a signer makes up takes nothing from the rest."""
    lines = [b"NEWSIG", b"GOODSIG F x", RIGHT % seconds]

    [found] = signatures(status_lines(b"\n".join(b"[GNUPG:] " + each for each in lines)))

    assert found.signed_at is None
    assert found.reason == ""


@pytest.mark.parametrize("line", [b"BADSIG F x", b"ERRSIG F 22 8 00 1 4 F"])
def test_two_judgements(line):
    """A signature that is called right and wrong at once is not right."""
    lines = [b"NEWSIG", b"GOODSIG F x", RIGHT % b"1700000000", line]

    [found] = signatures(status_lines(b"\n".join(b"[GNUPG:] " + each for each in lines)))

    assert found.reason != ""


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["DECRYPTION_INFO 0 2"], "it has no protection against changes, as old programs wrote"),
        (["DECRYPTION_INFO 0 9 0"], "it has no protection against changes, as old programs wrote"),
        (["DECRYPTION_INFO 0 9 2"], "it was changed, or is broken"),
        (["DECRYPTION_INFO 2 9", "BADMDC"], "it was changed, or is broken"),
        (["DECRYPTION_INFO"], "it was changed, or is broken"),
        ([], "it was changed, or is broken"),
    ],
)
def test_unopened(texts, reason):
    """Old mail has another reason than changed mail."""
    assert unopened(lines(*texts)) == reason
