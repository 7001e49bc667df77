"""Object identifiers are those of the RFCs."""

import pytest

from netmail.crypto.smime import identifiers
from netmail.crypto.smime.der import algorithm, dotted, read

NAMES = {
    "DATA": "1.2.840.113549.1.7.1",
    "SIGNED_DATA": "1.2.840.113549.1.7.2",
    "ENVELOPED_DATA": "1.2.840.113549.1.7.3",
    "AUTH_ENVELOPED_DATA": "1.2.840.113549.1.9.16.1.23",
    "CONTENT_TYPE": "1.2.840.113549.1.9.3",
    "MESSAGE_DIGEST": "1.2.840.113549.1.9.4",
    "SIGNING_TIME": "1.2.840.113549.1.9.5",
    "SHA1": "1.3.14.3.2.26",
    "SHA256": "2.16.840.1.101.3.4.2.1",
    "RSA": "1.2.840.113549.1.1.1",
    "RSA_OAEP": "1.2.840.113549.1.1.7",
    "MGF1": "1.2.840.113549.1.1.8",
    "RSA_PSS": "1.2.840.113549.1.1.10",
    "ECDSA_SHA256": "1.2.840.10045.4.3.2",
    "AES256_WRAP": "2.16.840.1.101.3.4.1.45",
    "AGREEMENT_SHA256": "1.3.132.1.11.1",
}
TABLES = {
    "DIGESTS": {
        "md5": "1.2.840.113549.2.5",
        "sha1": "1.3.14.3.2.26",
        "sha224": "2.16.840.1.101.3.4.2.4",
        "sha256": "2.16.840.1.101.3.4.2.1",
        "sha384": "2.16.840.1.101.3.4.2.2",
        "sha512": "2.16.840.1.101.3.4.2.3",
    },
    "CIPHERS": {
        "aes128_cbc": "2.16.840.1.101.3.4.1.2",
        "aes192_cbc": "2.16.840.1.101.3.4.1.22",
        "aes256_cbc": "2.16.840.1.101.3.4.1.42",
        "aes128_gcm": "2.16.840.1.101.3.4.1.6",
        "aes192_gcm": "2.16.840.1.101.3.4.1.26",
        "aes256_gcm": "2.16.840.1.101.3.4.1.46",
        "tripledes_3key": "1.2.840.113549.3.7",
    },
    "WRAPS": {
        16: "2.16.840.1.101.3.4.1.5",
        24: "2.16.840.1.101.3.4.1.25",
        32: "2.16.840.1.101.3.4.1.45",
    },
    "AGREEMENTS": {
        "sha1": "1.3.133.16.840.63.0.2",
        "sha224": "1.3.132.1.11.0",
        "sha256": "1.3.132.1.11.1",
        "sha384": "1.3.132.1.11.2",
        "sha512": "1.3.132.1.11.3",
    },
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items(), ids=NAMES)
def test_names(name, expected):
    """Each name is that of its RFC."""
    assert dotted(getattr(identifiers, name)) == expected


@pytest.mark.parametrize(("name", "expected"), TABLES.items(), ids=TABLES)
def test_tables(name, expected):
    """Each table has the identifiers of its RFC."""
    found = getattr(identifiers, name)

    assert {each: dotted(octets) for octets, each in found.items()} == expected


def test_algorithm():
    """An algorithm is written with its parameters, and read as it was."""
    written = identifiers.algorithm_identifier(identifiers.RSA, identifiers.NULL)

    name, parameters = algorithm(read(written))

    assert name == identifiers.RSA
    assert parameters.whole == identifiers.NULL
