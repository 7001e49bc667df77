"""Databases over each server and each kind of client.

Nothing here knows a query.
"""

import pytest

from netmail.testing import MailServer
from support.databases import database


@pytest.fixture
def embedded():
    """The URL of an empty account of the embedded server."""
    with MailServer() as server:
        yield server.imap_url


@pytest.fixture(
    params=[
        pytest.param("dovecot", marks=pytest.mark.servers),
        pytest.param("cyrus", marks=pytest.mark.servers),
        "embedded",
    ]
)
def account(request):
    """The URL of an empty account of each server in turn."""
    if request.param == "embedded":
        return request.getfixturevalue("embedded")
    server = request.getfixturevalue(request.param)
    return server.url("imap", server.fresh_user())


@pytest.fixture(params=["blocking", "asyncio"])
def db(request, account):
    """A database of each kind, over each server."""
    with database(account, request.param) as made:
        yield made
