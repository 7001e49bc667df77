"""What depends on a server's own search and on its names of mailboxes: on each server."""

import pytest

import netmail
from support.databases import database
from support.line_proxy import line_proxy

HTML = b"Content-Type: text/html\r\n\r\n<p>un<b>split</b>word in a text</p>\r\n"
PLAIN = b"Subject: unsplitword\r\n\r\nAnother text.\r\n"


@pytest.fixture
def filled(account):
    """An account with two messages."""
    with netmail.imap(account, tls=netmail.TLS_NONE) as imap:
        assert all(each.result() for each in imap.append_many("INBOX", [HTML, PLAIN]))
    return account


@pytest.mark.parametrize("kind", ["blocking", "asyncio"])
def test_as_server(filled, kind):
    """With as_server nothing is fetched, and the server's own search counts; else netmail's."""
    with line_proxy(filled, {}) as (url, lines), database(url, kind) as db:
        inbox = db.INBOX
        ordinary = inbox.content.contains("another text")
        split = inbox.content.contains("split</b>word")
        begin = len(lines)

        assert db(ordinary, as_server=True).count() == 1
        assert db(split, as_server=True).count() in {0, 1}
        assert db(inbox.email.contains("unsplitword"), as_server=True).count() == 1
        assert not any("FETCH" in line for line in lines[begin:])
        assert db(ordinary).count() == 1
        assert db(split).count() == 1
        assert any("FETCH" in line for line in lines[begin:])


def test_as_server_and_more(filled):
    """What as_server is not about is exact as ever."""
    with database(filled) as db:
        inbox = db.INBOX
        both = inbox.content.contains("text") & (inbox.subject == "UNSPLITWORD")

        assert [row.subject for row in db(both, as_server=True).select("subject")] == [
            "unsplitword"
        ]
        assert db(inbox.content == "Another text.\n", as_server=True).count() == 1


@pytest.mark.servers
@pytest.mark.parametrize("name", ["dovecot", "cyrus"])
def test_special_use(request, name):
    """Mailboxes are tables by what they are for, whatever their names are."""
    server = request.getfixturevalue(name)
    url = server.url("imap", server.fresh_user())
    with netmail.imap(url, tls=netmail.TLS_NONE) as imap:
        # CREATE says to Cyrus what a mailbox is for, and the configuration to Dovecot.
        says = "CREATE-SPECIAL-USE" in imap.capability()
        for use, own in (("sent", "Gesendet"), ("trash", "Müll")):
            imap.create(*((own, use) if says else (use.title(),)))
        found = {use: info.name for info in imap.list_mailboxes() for use in info.uses}
        imap.append(found["sent"], PLAIN)
    with database(url) as db:
        assert db.sent.mailbox == found["sent"]
        assert db.trash.mailbox == found["trash"]
        assert db(db.sent).count() == 1
        assert db(db.sent.subject == "unsplitword").move(db.trash) == 1
        assert db(db.trash).select("subject").first().table == db.trash.name
        with pytest.raises(AttributeError):
            _ = db.important
