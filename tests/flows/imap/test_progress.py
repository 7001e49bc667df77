"""INPROGRESS: reported as it comes."""

import pytest

from support.imap_sessions import logged_in, run


@pytest.mark.parametrize(
    ("code", "reported"),
    [
        ("INPROGRESS", (None, None)),
        ('INPROGRESS ("T1" 175 NIL)', (175, None)),
        ('INPROGRESS ("T1" 454 1000)', (454, 1000)),
        ("INPROGRESS (NIL NIL NIL)", (None, None)),
        ("INPROGRESS (x", None),
        ("INPROGRESS 5", None),
    ],
)
def test_reported(code, reported):
    """What the server says is passed on; what makes no sense is not."""
    found = []

    def make():
        session = logged_in()
        session.on_progress = lambda *numbers: found.append(numbers)
        return session

    run(lambda session: session.noop(), f"C: T1 NOOP\nS: * OK [{code}] x\nS: T1 OK done", make)

    assert found == ([] if reported is None else [reported] * 2)


def test_nobody_listens():
    """Without a listener it is read all the same."""
    lines = 'C: T1 NOOP\nS: * OK [INPROGRESS ("T1" 1 2)] x\nS: T1 OK done'

    assert run(lambda session: session.noop(), lines) is True
