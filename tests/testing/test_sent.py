"""`MailServer.sent`: what SMTP and LMTP accepted, with its envelope."""

from netmail.testing import MailServer, SentMail

ANN = "ann@example.test"
MAIL = b"Subject: report\r\n\r\n.dot\r\n"


def test_envelope_and_content(server, connect):
    """Sender, recipients as written, parameters of both commands, content octet for octet."""
    smtp = connect(server, "smtp")
    smtp.sendmail(
        "me@y.test",
        ["Ann@Example.TEST", "bob"],
        MAIL,
        ["BODY=8BITMIME", "RET=HDRS", "ENVID=QQ314159"],
        ["NOTIFY=SUCCESS,FAILURE"],
    )
    (sent,) = server.sent

    assert sent == SentMail(
        "me@y.test",
        ("Ann@Example.TEST", "bob"),
        MAIL,
        ("SIZE=25", "BODY=8BITMIME", "RET=HDRS", "ENVID=QQ314159"),
        (("NOTIFY=SUCCESS,FAILURE",), ("NOTIFY=SUCCESS,FAILURE",)),
    )
    assert sent.mail.subject == "report"


def test_null_sender_and_login(server, login):
    """A bounce's sender is empty; the login's user is known."""
    login(server, "smtp", "bob").sendmail("", [ANN], MAIL)

    assert [(sent.sender, sent.user) for sent in server.sent] == [("", "bob")]


def test_any_recipient(connect):
    """`accept_any` accepts addresses of nobody here; users' mail is delivered as well."""
    with MailServer([ANN], accept_any=True) as server:
        smtp = connect(server, "smtp")
        smtp.sendmail("me@y.test", ["x@far.test", ANN], MAIL)
        smtp.sendmail("me@y.test", ["y@far.test"], MAIL)

        assert [sent.recipients for sent in server.sent] == [("x@far.test", ANN), ("y@far.test",)]
        assert server.messages() == [MAIL]


def test_what_was_refused_is_not_kept(server, connect):
    """Refused recipients, and what a client delivers without SMTP, are not in it."""
    server.deliver(MAIL)
    connect(server, "smtp").sendmail("me@y.test", ["nobody@far.test", ANN], MAIL)

    assert [sent.recipients for sent in server.sent] == [(ANN,)]


def test_kept_after_close_and_emptied_by_reset(server, connect):
    """A closed server still says what it accepted; the list given is a copy."""
    connect(server, "smtp").sendmail("me@y.test", [ANN], MAIL)
    sent = server.sent
    server.close()
    kept = server.sent
    server.reset()

    assert (sent, server.sent) == (kept, [])


def test_content_is_not_in_the_repr(server, connect):
    """A failed assertion shows envelopes, not megabytes."""
    connect(server, "smtp").sendmail("me@y.test", [ANN], MAIL)

    assert "report" not in repr(server.sent)
