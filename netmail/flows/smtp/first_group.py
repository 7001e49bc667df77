"""The first group of a connection: whether the server broke the connection because of it.

This file must not know messages, nor commands.
"""

from netmail.flows.smtp.session import SmtpSession


class FirstGroup:
    """The first group of the present connection.

    Args:
        session: The session, which remembers a server that breaks pipelining.

    Attributes:
        is_outstanding: Whether the group is sent, or comes next, and its replies are not read.

    RFC 2920 section 3.1.
    """

    def __init__(self, session: SmtpSession) -> None:
        self.is_outstanding = False
        self._session = session
        self._has_blamed = False

    def is_to_blame(self) -> bool:
        """Tell whether the server may have closed because of the group; remember it then."""
        # Servers and firewalls exist that offer the extension and break the connection at a DATA
        # that does not wait. A 421 is a reply. No content was sent, so nothing is sent twice.
        if not self.is_outstanding or self._session.reader.closing_text:
            return False
        self._session.breaks_pipelining = self._has_blamed = True
        return True

    def acquit(self) -> None:
        """Take that back: without pipelining the server decides nothing either."""
        # A server that is down must not cost the next calls their speed.
        if self._has_blamed:
            self._session.breaks_pipelining = False
