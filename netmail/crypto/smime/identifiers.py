"""The object identifiers of CMS, as their values have them, and their names.

This file must not know what is done with what they name.
"""

from typing import Final

from netmail.crypto.smime.ber import OBJECT_IDENTIFIER, SEQUENCE, tlv

# RFC 5652 section 4, 5.1, 6.1; RFC 5083 section 2.1.
DATA: Final = bytes.fromhex("2a864886f70d010701")
SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
ENVELOPED_DATA: Final = bytes.fromhex("2a864886f70d010703")
AUTH_ENVELOPED_DATA: Final = bytes.fromhex("2a864886f70d0109100117")

# RFC 5652 section 11.
CONTENT_TYPE: Final = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST: Final = bytes.fromhex("2a864886f70d010904")
SIGNING_TIME: Final = bytes.fromhex("2a864886f70d010905")

# RFC 3370 section 2, RFC 5754 section 2.
DIGESTS: Final = {
    bytes.fromhex("2a864886f70d0205"): "md5",
    bytes.fromhex("2b0e03021a"): "sha1",
    bytes.fromhex("608648016503040204"): "sha224",
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
SHA1: Final = bytes.fromhex("2b0e03021a")
SHA256: Final = bytes.fromhex("608648016503040201")

# RFC 8017 appendix A.2.
RSA: Final = bytes.fromhex("2a864886f70d010101")
RSA_OAEP: Final = bytes.fromhex("2a864886f70d010107")
MGF1: Final = bytes.fromhex("2a864886f70d010108")
RSA_PSS: Final = bytes.fromhex("2a864886f70d01010a")
# RFC 5754 section 3.3.
ECDSA_SHA256: Final = bytes.fromhex("2a8648ce3d040302")

# RFC 3565 section 4.1, RFC 5084 section 3.2, RFC 3370 section 5.1.
CIPHERS: Final = {
    bytes.fromhex("60864801650304" + "0102"): "aes128_cbc",
    bytes.fromhex("60864801650304" + "0116"): "aes192_cbc",
    bytes.fromhex("60864801650304" + "012a"): "aes256_cbc",
    bytes.fromhex("60864801650304" + "0106"): "aes128_gcm",
    bytes.fromhex("60864801650304" + "011a"): "aes192_gcm",
    bytes.fromhex("60864801650304" + "012e"): "aes256_gcm",
    bytes.fromhex("2a864886f70d0307"): "tripledes_3key",
}
CIPHER_OF: Final = {name: octets for octets, name in CIPHERS.items()}

# RFC 3565 section 2.3.2: AES key wrap, with the octets of its key.
WRAPS: Final = {
    bytes.fromhex("608648016503040105"): 16,
    bytes.fromhex("608648016503040119"): 24,
    bytes.fromhex("60864801650304012d"): 32,
}
AES256_WRAP: Final = bytes.fromhex("60864801650304012d")

# RFC 5753 section 7.1.4: dhSinglePass-stdDH with the digest of its key derivation function.
AGREEMENTS: Final = {
    bytes.fromhex("2b81051086483f0002"): "sha1",
    bytes.fromhex("2b8104010b00"): "sha224",
    bytes.fromhex("2b8104010b01"): "sha256",
    bytes.fromhex("2b8104010b02"): "sha384",
    bytes.fromhex("2b8104010b03"): "sha512",
}
AGREEMENT_SHA256: Final = bytes.fromhex("2b8104010b01")

NULL: Final = b"\x05\x00"


def identifier(octets: bytes) -> bytes:
    """Write an OBJECT IDENTIFIER.

    X.690 section 8.19.
    """
    return tlv(OBJECT_IDENTIFIER, octets)


def algorithm_identifier(name: bytes, parameters: bytes = b"") -> bytes:
    """Write an AlgorithmIdentifier.

    Args:
        name: The object identifier.
        parameters: The parameters as a value; b"" for none.

    RFC 5280 section 4.1.1.2.
    """
    return tlv(SEQUENCE, identifier(name), parameters)
