"""The connection compressed: COMPRESS=DEFLATE.

This file knows when compression may begin, and not how octets are compressed.

RFC 4978.
"""

from netmail.flows.flow import Compress, Flow
from netmail.flows.imap.session import ImapSession


def compress(session: ImapSession) -> Flow[bool]:
    """Compress the connection in both directions: COMPRESS DEFLATE.

    RFC 4978 section 3.
    """
    # compress = "COMPRESS" SP algorithm, algorithm = "DEFLATE"
    #
    # C: T1 COMPRESS DEFLATE
    # S: T1 OK DEFLATE active
    # From here on both sides send compressed octets.
    #
    # The server responds BAD to "COMPRESS already active", and NO to "Compression is already active
    # via another layer", so that it is asked once for a connection.
    if session.compressed:
        return True
    session.require("COMPRESS=DEFLATE", "compress()")
    # "The client MUST NOT send any further commands until it has seen the result of COMPRESS".
    yield from session.command("COMPRESS", b"DEFLATE")
    yield Compress()
    session.compressed = True
    return True
