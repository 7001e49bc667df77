"""What a host is: a name, an address, this machine.

This file must not know an option's name or default, and resolves nothing.
"""

from netmail.errors import UsageError


def ascii_host(name: str, host: str) -> str:
    """Write a host name with A-labels: libcurl resolves it, and compares certificates with it."""
    # Imported where it is used: few hosts have names beyond ASCII.
    from netmail.address import domain_to_ascii  # noqa: PLC0415 -- see above

    try:
        return domain_to_ascii(host)
    except UsageError as error:
        reason = str(error)
    # Raised outside the handler: an exception in the chain would repeat the host.
    raise UsageError(f"{name} is no valid name: {reason}")


def is_address(text: str) -> bool:
    """Return whether a text is an IPv4 or IPv6 address."""
    # Imported where it is used: half a millisecond, and few hosts are numbers.
    from ipaddress import ip_address  # noqa: PLC0415 -- see above

    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether a host is certainly this machine: localhost, 127.0.0.0/8 or ::1.

    No name is resolved. What is unclear ("127.1", "x.localhost") is not loopback.
    """
    if host.lower() == "localhost":
        return True
    if not (host.startswith("127.") or ":" in host) or not is_address(host):
        return False
    from ipaddress import ip_address  # noqa: PLC0415 -- as in is_address

    return ip_address(host).is_loopback
