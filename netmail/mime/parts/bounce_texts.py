"""The texts by which mail servers without delivery status notifications return a message.

This file is data: each text with a sample, the server that writes it, and how its recipients and
the returned message are marked. It knows no reader. Only texts that are unmistakable are here.
"""

from typing import Final, NamedTuple


class BounceText(NamedTuple):
    """One text.

    Attributes:
        name: The program that writes it.
        source: Its versions, and where the format is described.
        begins: How the text begins.
        announces: Sentences after one of which the recipients are listed, and what each means for
            them: "failed" or "delayed". Line ends count as spaces.
        recipient: The pattern of the line with a recipient's address, without spaces at its end.
        remote: The pattern of the server's name in the diagnostic text; "" if it is not given.
        reporter: The pattern of the reporting server's name in the first line; "" if it is not
            given.
        copy: How the line before the returned message begins; "" if that is a part of its own.
        sample: A message with it.
    """

    name: str
    source: str
    begins: str
    announces: tuple[tuple[str, str], ...]
    recipient: str
    remote: str
    reporter: str
    copy: str
    sample: bytes


_RETURNED = b"Subject: Lunch\nMessage-ID: <1@b.example>\n\nAt noon?\n"
_F = "failed"
_AUTOMATIC = "This message was created automatically by mail delivery software"

BOUNCE_TEXTS: Final = (
    BounceText(
        "qmail",
        "qmail 1.03 and its descendants; D. J. Bernstein's description of QSBMF",
        "Hi. This is the ",
        (
            ("I'm afraid I wasn't able to deliver your message to the following addresses.", _F),
            ("I tried to deliver a bounce message to this address, but the bounce bounced!", _F),
        ),
        # "<ann@b.example>:"
        r"<(.+)>:\Z",
        # "192.0.2.1 does not like recipient.", "Connected to 192.0.2.1 but sender was rejected."
        r"(?:\A|\n)(?:Connected to )?(\S+) (?:does not like|but |failed )",
        # "Hi. This is the qmail-send program at mx.b.example."
        r" at (\S+)\.(?:\s|\Z)",
        "---",
        b"From: MAILER-DAEMON@mx.b.example\nSubject: failure notice\n\n"
        b"Hi. This is the qmail-send program at mx.b.example.\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        b"<ann@b.example>:\n192.0.2.1 does not like recipient.\n"
        b"Remote host said: 550 5.1.1 unknown\nGiving up on 192.0.2.1.\n\n"
        b"<bob@c.example>:\nSorry, I couldn't find any host by that name. (#4.1.2)\n\n"
        b"--- Below this line is a copy of the message.\n\n" + _RETURNED,
    ),
    BounceText(
        "exim",
        "Exim 3 and 4, before 4.86 or without dsn_from; its specification, chapter Customizing "
        "bounce and warning messages",
        _AUTOMATIC,
        (
            ("The following address(es) failed:", "failed"),
            ("The following address failed:", "failed"),
            ("to which the message has not yet been delivered is:", "delayed"),
            ("to which the message has not yet been delivered are:", "delayed"),
        ),
        # "  ann@b.example", and "  ann@b.example:" of Exim 3
        r"[ ]{2}(\S.*?):?\Z",
        # "    host mx.b.example [192.0.2.1]: 550 unknown"
        r"\bhost (\S+) \[",
        "",
        "------ ",
        b"From: Mail Delivery System <Mailer-Daemon@mx.c.example>\n"
        b"Subject: Mail delivery failed: returning message to sender\n\n"
        b"This message was created automatically by mail delivery software.\n\n"
        b"A message that you sent could not be delivered to one or more of its\n"
        b"recipients. This is a permanent error. The following address(es) failed:\n\n"
        b"  ann@b.example\n    (generated from all@c.example)\n"
        b"    SMTP error from remote mail server after RCPT TO:<ann@b.example>:\n"
        b"    host mx.b.example [192.0.2.1]: 550 5.1.1 unknown\n"
        b"  bob@c.example\n    Unrouteable address\n\n"
        b"------ This is a copy of the message, including all the headers. ------\n\n" + _RETURNED,
    ),
    BounceText(
        "exchange",
        "Exchange 2000 and 2003 as Outlook shows it; Microsoft's article 284204",
        "Your message did not reach some or all of the intended recipients.",
        (("The following recipient(s) could not be reached:", "failed"),),
        # "      ann@b.example on 7/11/2001 9:20 AM"
        r"[ \t]*(\S.*?) on .{0,40}?[0-9]:[0-9]",
        # "<server.b.example #5.1.1>"
        r"<[ ]{0,4}([^\s<]+) #[0-9]",
        "",
        "",
        b"Subject: Undeliverable: Lunch\n\n"
        b"Your message did not reach some or all of the intended recipients.\n\n"
        b"      Subject:\tLunch\n      Sent:\t7/11/2001 9:20 AM\n\n"
        b"The following recipient(s) could not be reached:\n\n"
        b"      ann@b.example on 7/11/2001 9:20 AM\n"
        b"            The e-mail account does not exist at the organization.\n"
        b"            <server.b.example #5.1.1>\n",
    ),
    BounceText(
        "exchange-5",
        "Exchange 4.0 to 5.5; Microsoft's article 251152",
        "Your message\n",
        (("did not reach the following recipient(s):", "failed"),),
        # "ann@b.example on Thu, 6 Jan 2000 14:26:09 -0600"
        r"(\S.*?) on .{0,40}?[0-9]:[0-9]",
        # "MSEXCH:IMS:Organization:Site:SERVER 0 (000C05A6) Unknown Recipient"
        r"\bMSEXCH:(?:[^:\n]{1,64}:){1,6}([^\s:]+) 0 \(",
        "",
        "",
        b"Subject: Undeliverable: Lunch\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"
        b"Your message\n\n  To:      ann@b.example\n  Subject: Lunch\n"
        b"  Sent:    Thu, 6 Jan 2000 14:25:00 -0600\n\n"
        b"did not reach the following recipient(s):\n\n"
        b"ann@b.example on Thu, 6 Jan 2000 14:26:09 -0600\n"
        b"    The recipient name is not recognized\n"
        b"\tThe MTS-ID of the original message is: c=us;a= ;p=b\n"
        b"    MSEXCH:IMS:B:SITE:SERVER 0 (000C05A6) Unknown Recipient\n\n"
        b"--b\nContent-Type: message/rfc822\n\n" + _RETURNED + b"\n--b--\n",
    ),
)
"""All texts that are recognised."""
