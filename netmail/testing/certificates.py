"""The certificate of the embedded servers, and the authority to trust for it.

This file must not know any protocol. The keys are made for each server, and are in memory only.
"""

import ssl
from collections.abc import Iterable
from pathlib import Path

import trustme

AUTHORITY = "netmail test authority"


def server_context(
    ca_file: Path, hosts: Iterable[str] = ("localhost", "127.0.0.1")
) -> ssl.SSLContext:
    """Make an authority, and a server certificate that it signs.

    Args:
        ca_file: Where the authority's certificate is written (PEM): what a client is to trust.
        hosts: Names and addresses that the server certificate is for.

    Returns:
        The context with which a server accepts TLS.
    """
    authority = trustme.CA(organization_name="netmail", organization_unit_name=AUTHORITY)
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(context)
    return context
