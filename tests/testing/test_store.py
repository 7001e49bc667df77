"""The mailboxes of the embedded servers, without a server."""

import asyncio

import pytest

from netmail.errors import UsageError
from netmail.testing.store import Store

ONE = b"Subject: one\r\n\r\n1\r\n"
TWO = b"Subject: two\n\n2"


def run(work):
    """Run a coroutine function with a store of two users."""
    return asyncio.run(work(Store({"ann": "x", "bob": "y"})))


def test_messages_are_in_the_order_of_delivery():
    """Each has a UID, greater than the one before, and CRLF line ends."""

    async def work(store):
        uids = [await store.deliver("ann", ONE), await store.deliver("ann", TWO)]
        return uids, await store.messages("ann")

    uids, (first, second) = run(work)

    assert uids == [first.uid, second.uid]
    assert first.uid < second.uid
    assert first.content == ONE
    assert second.content == b"Subject: two\r\n\r\n2"


def test_users_have_mailboxes_of_their_own():
    """What is delivered to one user is not in another's mailbox."""

    async def work(store):
        await store.deliver("ann", ONE)
        return await store.messages("bob")

    assert run(work) == []


def test_deleted_messages_are_gone():
    """A UID that does not exist is ignored."""

    async def work(store):
        uid = await store.deliver("ann", ONE)
        await store.deliver("ann", TWO)
        await store.delete("ann", [uid, uid + 100])
        return uid, await store.messages("ann")

    uid, (left,) = run(work)

    assert left.uid != uid


def test_new_mailbox():
    """A delivery creates the mailbox; it has a UIDVALIDITY."""

    async def work(store):
        await store.deliver("ann", ONE, "Archive")
        return await store.messages("ann", "Archive"), await store.uid_validity("ann", "Archive")

    (message,), validity = run(work)

    assert message.content == ONE
    assert validity > 0


def test_no_such_mailbox():
    """Reading does not create a mailbox."""

    async def work(store):
        await store.messages("ann", "Archive")

    with pytest.raises(UsageError, match="user 'ann' has no mailbox 'Archive'"):
        run(work)
