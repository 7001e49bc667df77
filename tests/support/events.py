"""The events of a client's connections, and a second server for the next connection.

Nothing here knows which events there are.
"""

from netmail.options.options import parse_options


def kinds(events):
    """Return the classes of events."""
    return [type(event) for event in events]


def move(client, server):
    """Make the client's next connection to another server."""
    options = client._connection.options
    client._connection.options = parse_options(options.protocol, options, port=server.port)
