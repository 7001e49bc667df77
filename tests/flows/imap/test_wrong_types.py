"""What is of the wrong type is refused before anything is sent, and the session is as it was."""

import pytest

from netmail.errors import UsageError
from netmail.flows.imap import (
    append,
    copy,
    exec,
    expunge,
    fetch,
    mailbox_list,
    mailboxes,
    move,
    search,
    select,
    status,
    store,
)
from support.imap_sessions import run, selected

NO_NAMES = [5, -1, 1.5, True, b"x", [None], ["x"], {1: 2}, {"x"}, object(), Exception]
NO_WORDS = [None, 0, 5, 1.5, True, b"", b"x", [None], [1], {1: 2}, object(), Exception]
BY_NAME = {
    "select": select.select,
    "examine": select.examine,
    "create": mailboxes.create,
    "delete": mailboxes.delete,
    "rename": lambda imap, value: mailboxes.rename(imap, value, "x"),
    "subscribe": mailboxes.subscribe,
    "get_dirs": mailbox_list.get_dirs,
    "list name": lambda imap, value: mailbox_list.list_mailboxes(imap, value, "*"),
    "list pattern": lambda imap, value: mailbox_list.list_mailboxes(imap, "", value),
    "status": lambda imap, value: status.status(imap, value, "UNSEEN"),
    "append": lambda imap, value: append.append(imap, value, b"x", (), None),
    "expunge": lambda imap, value: expunge.expunge(imap, value, None),
    "search": lambda imap, value: search.search(imap, "ALL", value),
    "fetch": lambda imap, value: fetch.fetch(imap, 1, value),
    "copy to": lambda imap, value: copy.copy(imap, 1, value, None),
    "copy from": lambda imap, value: copy.copy(imap, 1, "x", value),
    "move from": lambda imap, value: move.move(imap, 1, "x", value),
    "store": lambda imap, value: store.store(imap, 1, "FLAGS", "x", value),
    "exec": lambda imap, value: exec.execute(imap, "NOOP", value),
}
BY_WORDS = {
    "status": lambda imap, value: status.status(imap, "x", value),
    "append": lambda imap, value: append.append(imap, "x", b"x", value, None),
    "store": lambda imap, value: store.store(imap, 1, "FLAGS", value, None),
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
