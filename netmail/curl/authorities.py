"""Where the certificate authorities are: certifi's file, or what the system trusts.

This file must not know libcurl, nor which certificates there are.
"""

import os
from typing import Final, NamedTuple

from netmail.errors import UsageError

FILES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # the same, newer
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # Alpine, FreeBSD, macOS
)
"""Where systems keep the file, for a Python whose OpenSSL was built elsewhere."""


class Store(NamedTuple):
    """Trusted certificates.

    Attributes:
        file: A PEM file; `None` for none.
        folder: A folder of PEM files, each named by its hash, as `openssl rehash` does.
    """

    file: str | None = None
    folder: str | None = None


def certifi_store() -> Store:
    """Return the authorities that Mozilla trusts."""
    # The default of a wheel's libcurl is a path of the machine that built it. The import of certifi
    # takes longer than that of the rest of this layer.
    import certifi  # noqa: PLC0415

    return Store(certifi.where())


def system_store() -> Store:
    """Return the authorities that the system trusts.

    The variables SSL_CERT_FILE and SSL_CERT_DIR say where they are, as for OpenSSL. Without them
    it is where Python's OpenSSL looks, or where a known system keeps them.

    Raises:
        UsageError: If there are none.
    """
    # The imports cost 10 ms, and only this needs them.
    import ssl  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    paths = ssl.get_default_verify_paths()
    folder = paths.capath if paths.capath and _has_hashes(paths.capath) else None
    if paths.cafile or folder:
        return Store(paths.cafile, folder)
    variables = (paths.openssl_cafile_env, paths.openssl_capath_env)
    named = [name for name in variables if os.environ.get(name)]
    # A variable names the file that is meant: another one could trust more.
    for file in () if named else FILES:
        if Path(file).is_file():
            return Store(file)
    where = f"{' and '.join(named)} lead to none" if named else "install ca-certificates"
    raise UsageError(
        f'ca="system": this system has no trusted certificates ({where}); leave ca out for '
        "certifi's, or pass ca_file"
    )


def _has_hashes(folder: str) -> bool:
    """Return whether a folder has an entry such as "5ad8a5d6.0"; /etc/ssl/certs may be empty."""
    with os.scandir(folder) as entries:
        return any(entry.name[-2:-1] == "." and entry.name[-1].isdigit() for entry in entries)
