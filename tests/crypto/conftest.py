"""Keys of PGP that the tests share; making them takes seconds."""

import pytest

from support.pgp_keys import ANN, BOB, CAROL, LOCKED, PASSPHRASE, folder_of_keys, new_key


@pytest.fixture(scope="session")
def keys():
    """A folder with the keys of all, and trust in them, for they are its owner's."""
    with folder_of_keys() as home:
        new_key(home, ANN)
        new_key(home, BOB, "ed25519")
        new_key(home, CAROL, "ed25519")
        new_key(home, LOCKED, "ed25519", PASSPHRASE)
        yield home
