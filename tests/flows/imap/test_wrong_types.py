"""What is of the wrong type is refused before anything is sent, and the session is as it was."""

import pytest

from netmail.errors import UsageError
from support.imap_sessions import run, selected

NO_NAMES = [5, -1, 1.5, True, b"x", [None], ["x"], {1: 2}, {"x"}, object(), Exception]
NO_WORDS = [None, 0, 5, 1.5, True, b"", b"x", [None], [1], {1: 2}, object(), Exception]
BY_NAME = {
    "select": lambda imap, value: imap.select(value),
    "examine": lambda imap, value: imap.examine(value),
    "create": lambda imap, value: imap.create(value),
    "delete": lambda imap, value: imap.delete(value),
    "rename": lambda imap, value: imap.rename(value, "x"),
    "subscribe": lambda imap, value: imap.subscribe(value),
    "get_dirs": lambda imap, value: imap.get_dirs(value),
    "list name": lambda imap, value: imap.list(value),
    "list pattern": lambda imap, value: imap.list("", value),
    "status": lambda imap, value: imap.status(value),
    "append": lambda imap, value: imap.append(value, b"x", (), None),
    "expunge": lambda imap, value: imap.expunge(value, None),
    "search": lambda imap, value: imap.search("ALL", value),
    "fetch": lambda imap, value: imap.fetch(1, value),
    "copy to": lambda imap, value: imap.copy(1, value, None),
    "copy from": lambda imap, value: imap.copy(1, "x", value),
    "move from": lambda imap, value: imap.move(1, "x", value),
    "store": lambda imap, value: imap.store(1, "FLAGS", "x", value),
    "exec": lambda imap, value: imap.exec("NOOP", value),
}
BY_WORDS = {
    "status": lambda imap, value: imap.status("x", value),
    "append": lambda imap, value: imap.append("x", b"x", value, None),
    "store": lambda imap, value: imap.store(1, "FLAGS", value, None),
}


def refused(talk, value):
    """Run a conversation that must end before it sends anything; return the sentence."""
    with pytest.raises(UsageError) as caught:
        run(lambda imap: talk(imap, value), "", lambda: selected("IMAP4rev1 MOVE"))
    return str(caught.value)


@pytest.mark.parametrize("value", NO_NAMES, ids=repr)
@pytest.mark.parametrize("talk", BY_NAME.values(), ids=BY_NAME)
def test_no_name(talk, value):
    """A mailbox's name is a str, and the sentence says so."""
    assert "must be a str, not" in refused(talk, value)


@pytest.mark.parametrize("value", NO_WORDS, ids=repr)
@pytest.mark.parametrize("talk", BY_WORDS.values(), ids=BY_WORDS)
def test_no_words(talk, value):
    """Flags and items are a str or several, and the sentence says so."""
    assert "are a str or an iterable of str, not" in refused(talk, value)


@pytest.mark.parametrize("talk", BY_NAME.values(), ids=BY_NAME)
def test_sentences_stay_short(talk):
    """What is refused is not repeated at full length."""
    assert len(refused(talk, "x" * 100_000 + "\n")) < 200
