"""All IMAP conversations as one class; each family stands in the file of its name."""

from netmail.flows.imap.append import AppendFlows
from netmail.flows.imap.exec import RawFlows
from netmail.flows.imap.mailboxes import FolderFlows
from netmail.flows.imap.messages import MessageFlows
from netmail.flows.imap.search import SearchFlows


class ImapFlows(FolderFlows, MessageFlows, SearchFlows, AppendFlows, RawFlows):
    """One session's conversations and what it remembers."""

    def clone(self) -> "ImapFlows":
        """Make another of the same kind, for a connection of its own."""
        return ImapFlows(self.options, self.reader.limits)
