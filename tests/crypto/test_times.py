"""The time at which a message is judged or signed."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

import netmail
from netmail.crypto import dkim, smime
from netmail.crypto.times import moment_of
from support.crypto_certificates import authority, person
from support.crypto_keys import DOMAIN, SELECTOR, letter, rsa_key

EVENING = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-9)))
WRONG = [datetime(2026, 1, 1), date(2026, 1, 1), 1_767_225_600, "2026-01-01"]  # noqa: DTZ001 -- refused
NEW = dkim.ArcResult(dkim.ArcStatus.NONE)


def use(at):
    """Every function that takes a time."""
    octets = smime.sign(letter(), person().cert, person().key).as_bytes()
    return [
        lambda: smime.verify(octets, [authority().cert], at=at),
        lambda: dkim.verify(octets, lambda _: [], at=at),
        lambda: dkim.verify_chain(octets, lambda _: [], at=at),
        lambda: dkim.sign(letter(), SELECTOR, DOMAIN, rsa_key(), at=at),
        lambda: dkim.seal(letter(), SELECTOR, DOMAIN, rsa_key(), results="m", chain=NEW, at=at),
    ]


def test_given_and_not():
    """A time with a zone is taken as it is; without any it is now."""
    before = datetime.now(UTC)

    assert moment_of(EVENING) is EVENING
    assert before <= moment_of(None) <= datetime.now(UTC)


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.parametrize("number", range(5))
def test_no_moment(number, wrong):
    """A time without a zone, and what is no time, are refused before anything is judged."""
    with pytest.raises(netmail.UsageError, match="no time with a zone"):
        use(wrong)[number]()
