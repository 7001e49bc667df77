"""Which methods of a client the option `reconnect` repeats: all of them, by name."""

import ast
from pathlib import Path

import pytest

import netmail.clients

FOLDER = Path(netmail.clients.__file__).parent
REPEATED = {
    "AsyncImap": "capability noop check compress",
    "AsyncImapExtensions": (
        "namespace id enable language jmap_access get_quota get_quota_root get_acl list_rights "
        "my_rights get_metadata sort thread"
    ),
    "AsyncImapFetch": "fetch fetch_each fetch_many mails download",
    "AsyncImapLive": "watch notify sync",
    "AsyncImapMailboxes": (
        "get_dirs get_subscribed_dirs list_mailboxes special select examine unselect list lsub "
        "status"
    ),
    "AsyncImapSearch": "search search_each search_many",
    "AsyncPOP3": (
        "capa lang set_lang list uid_list scan_listings unique_ids retr stat noop top retr_many "
        "top_many mails"
    ),
    "AsyncTransport": "verify expn help noop rset",
}
NEVER = {
    "AsyncImap": "exec pipeline close expunge copy move store",
    "AsyncImapAccount": "unauthenticate authenticate",
    "AsyncImapExtensions": "set_quota set_acl delete_acl set_metadata",
    "AsyncImapLive": "idle",
    "AsyncImapMailboxes": "create delete rename subscribe unsubscribe",
    "AsyncImapSearch": "cancel_update",
    "AsyncImapUploads": "append append_many append_catenated replace",
    "AsyncPOP3": "exec delete dele rset delete_many",
    # These have the argument `retry` of their own.
    "AsyncTransport": "etrn xclient exec send stream",
}
REPEATING = {"_read", "_read_many", "_read_or_download", "_download", "_follow"}
ONCE = {"_run", "_stream", "_complete", "AsyncResultStream", "AsyncPipeline"}


def classes():
    """Yield the classes of the asyncio clients, whose methods are one call each."""
    for path in [*FOLDER.glob("async_*.py"), *FOLDER.glob("uploads/async_*.py")]:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and path.stem not in {
                "async_client",
                "async_result_iterator",
            }:
                yield node


CLASSES = {node.name: node for node in classes()}


def declared(node):
    """Return the methods of a class that converse, by how each one declares that it may be run."""
    found = {True: set(), False: set()}
    for method in node.body:
        for call in ast.walk(method):
            if isinstance(call, ast.Call):
                name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
                if name in REPEATING | ONCE:
                    found[name in REPEATING].add(method.name)
    return found


@pytest.mark.parametrize("name", CLASSES)
def test_classified(name):
    """Each method says by its call whether it is repeated, and this table has it."""
    found = declared(CLASSES[name])

    assert found[True] == set(REPEATED.get(name, "").split())
    assert found[False] == set(NEVER.get(name, "").split())
    assert not found[True] & found[False]


def test_no_other_class():
    """The tables name classes that there are."""
    assert REPEATED.keys() | NEVER.keys() == CLASSES.keys()
