"""UID STORE, exactly as it goes over the wire."""

import pytest

from netmail.errors import CapabilityError, UsageError
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


@pytest.mark.parametrize(
    ("item", "labels", "sent"),
    [
        (
            "+X-GM-LABELS",
            ["Muy Importante", "\\Starred"],
            '+X-GM-LABELS ("Muy Importante" \\Starred)',
        ),
        ("-x-gm-labels.silent", "Büro & Co", '-X-GM-LABELS.SILENT ("B&APw-ro &- Co")'),
        ("X-GM-LABELS", [], "X-GM-LABELS ()"),
        ("X-GM-LABELS", "\\a b", r'X-GM-LABELS ("\\a b")'),
    ],
)
def test_labels(item, labels, sent):
    """Labels of Gmail are written as mailbox names, those of its own as flags."""
    transcript = f"C: T1 UID STORE 7 {sent}\nS: T1 OK Success"

    assert run(
        lambda imap: store(imap, 7, item, labels, None),
        transcript,
        selected,
        capabilities="X-GM-EXT-1",
    )


@pytest.mark.parametrize("labels", ["", ["a", ""], "a\r\nb", [None], 5])
def test_no_labels(labels):
    """What is no label is refused before anything is sent."""
    with pytest.raises(UsageError):
        run(lambda imap: store(imap, 7, "X-GM-LABELS", labels, None), "", selected)


def test_labels_need_gmail():
    """Labels are not sent to servers that have none."""
    with pytest.raises(CapabilityError) as caught:
        run(lambda imap: store(imap, 7, "+X-GM-LABELS", "x", None), "", selected)
    assert caught.value.capability == "X-GM-EXT-1"
