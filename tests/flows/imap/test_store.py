"""UID STORE, exactly as it goes over the wire."""

import pytest

from netmail.errors import UsageError
from netmail.flows.imap.store import store
from support.imap_sessions import run, selected


@pytest.mark.parametrize(
    ("flags", "written"),
    [
        ("\\Seen", "(\\Seen)"),
        ("\\Seen $Junk", "(\\Seen $Junk)"),
        (["\\Seen", "work"], "(\\Seen work)"),
        ([], "()"),
    ],
)
def test_store(flags, written):
    """Flags as one string or one by one."""
    transcript = f"C: T1 UID STORE 1 -FLAGS.SILENT {written}\nS: T1 OK done"

    assert run(lambda i: store(i, 1, "-flags.silent", flags, None), transcript, selected) is True


@pytest.mark.parametrize("command", ["FLAG", "", "+FLAGS (x)", "FLAGS\r\n", None, 5])
def test_store_unknown(command):
    """Only the six commands there are."""
    with pytest.raises(UsageError, match=r"store\(\) takes"):
        run(lambda imap: store(imap, 1, command, "x", None), "", selected)
