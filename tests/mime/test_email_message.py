"""Mail as the standard library's EmailMessage."""

from netmail import Attachment, Mail


def test_doubtful_made_mail_to_email_message():
    """Repeated fields, texts and messages as attachments."""
    kinds = ("text/plain; name=a.txt", "message/rfc822", "application/x-what", "nonsense")
    attachments = [Attachment({"Content-Type": kind}, b"Subject: x\n\ny") for kind in kinds]
    mail = Mail(
        [("Subject", "1"), ("Subject", "2"), ("X", "a\nb")], {"text/html": "<p>"}, attachments
    )
    message = mail.to_email_message()

    assert (message["subject"], message["x"]) == ("1", "a b")
    assert len(list(message.iter_attachments())) == 4


def test_made_mail_to_email_message():
    """A mail that was put together converts too."""
    attachment = Attachment({"Content-Type": "image/png; name=a.png"}, b"png")
    mail = Mail({"Subject": "S"}, {"text/plain": "t\n", "text/html": "<p>"}, [attachment])
    message = mail.to_email_message()

    assert message["subject"] == "S"
    assert [part.get_filename() for part in message.iter_attachments()] == ["a.png"]
