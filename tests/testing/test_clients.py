"""netmail's clients as a MailServer makes them: ready for it, with each kind of TLS."""

import netmail

MESSAGE = b"From: x@y.test\r\nSubject: report\r\n\r\nbody\r\n"


def test_clients_are_made_without_connecting(server):
    """Making a client costs no round trip: a closed server can still make one."""
    server.close()
    clients = (server.smtp(), server.imap(), server.pop3())

    assert [type(client) for client in clients] == [netmail.Transport, netmail.Imap, netmail.POP3]
    assert not any(client.is_connected for client in clients)


def test_mail_goes_round(any_server):
    """Sent with `smtp()`, found with `imap()`, read with `pop3()`; TLS where there is TLS."""
    message = netmail.message().from_("x@y.test").to("ann@example.test").subject("report")
    with any_server.smtp() as transport:
        sent = transport.add_message(message.text("body")).send()
    with any_server.imap() as imap:
        uids = imap.search('SUBJECT "report"', "INBOX")
    with any_server.pop3() as pop:
        content = pop.retr(1)

    assert bool(sent)
    assert len(uids) == 1
    assert [content] == any_server.messages()


def test_another_user(any_server):
    """A client can be any user's, whatever letters the password has."""
    any_server.deliver(MESSAGE, to="bob")
    with any_server.imap("bob") as imap:
        uids = imap.search("ALL", "INBOX")
    with any_server.pop3("bob") as pop:
        count = pop.stat()["count"]

    assert len(uids) == 1
    assert count == 1
    assert any_server.smtp("bob").test_connection() is True
