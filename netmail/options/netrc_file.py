"""Credentials of a .netrc file.

This file must not know an option's meaning but those of the login.
"""

import os
from collections.abc import Mapping

from netmail.errors import UsageError
from netmail.secret import Secret


def credentials(values: Mapping[str, object]) -> dict[str, object]:
    """Look up the user name and the password of a host, where the option `netrc` asks for it.

    A password or token that is given takes precedence, and nothing is read then.

    Raises:
        UsageError: If the file cannot be read, or has no entry for the host and the user.
    """
    if "netrc" not in values or not {"password", "oauth2_token"}.isdisjoint(values):
        return {}
    path = str(values["netrc"])
    host = str(values.get("host", "localhost"))
    wanted = values.get("username")
    login, password = _entry(path, host)
    if wanted not in {None, login}:
        raise UsageError(f"netrc: {path} has an entry for {host}, but not for this username")
    return {"username": login, "password": Secret(password)}


def _entry(path: str, host: str) -> tuple[str, str]:
    # Its import costs 2 ms, and few programs read such a file.
    import netrc  # noqa: PLC0415

    failure = ""
    try:
        found = netrc.netrc(os.path.expanduser(path)).authenticators(host)  # noqa: PTH111 -- light
    except OSError as error:
        failure = f"{path} cannot be read: {error.strerror}"
    except netrc.NetrcParseError as error:
        # Its message may repeat a word of the file, such as a password.
        failure = f"{path} cannot be read at line {error.lineno}"
    except UnicodeDecodeError:
        failure = f"{path} is not written in UTF-8"
    # Not within `except`: the context of the new error would show what the file has.
    if failure:
        raise UsageError(f"netrc: {failure}")
    if found is None or not found[0] or not found[2]:
        raise UsageError(f"netrc: {path} has no entry with login and password for {host}")
    return found[0], found[2]
