"""One client's connection: what it shares with its clones."""

import pytest

from netmail.curl.connection import Connection
from netmail.flows.imap.session import ImapSession
from netmail.flows.pop3.session import Pop3Session
from netmail.flows.smtp.session import SmtpSession
from netmail.limits import ServerLimits
from netmail.options.options import MailProtocol, parse_options

SESSIONS = {
    MailProtocol.IMAP: ImapSession,
    MailProtocol.POP3: Pop3Session,
    MailProtocol.SMTP: SmtpSession,
}


@pytest.mark.parametrize("protocol", SESSIONS)
def test_clone_shares_options_and_limits_only(protocol):
    """A clone connects with the same options and limits, and knows nothing of the first session."""
    options = parse_options(protocol, host="localhost")
    first = Connection(options, SESSIONS[protocol](options, ServerLimits(lines=3)))
    first.session.capabilities = {"SIZE": ()}
    first.session.reader.feed(b"left over")
    other = first.clone()

    assert other.options is first.options
    assert other.session.reader.limits is first.session.reader.limits
    assert type(other.session) is type(first.session)
    assert not other.session.capabilities
    assert other.session.reader.available == 0
    assert first.session.reader.available == 9
