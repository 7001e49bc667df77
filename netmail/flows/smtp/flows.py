"""All SMTP conversations of one session, as the clients use them.

This file only puts the families of commands together.
"""

from netmail.flows.smtp.batch import Batch
from netmail.flows.smtp.commands import Commands


class SmtpFlows(Batch, Commands):
    """One session's conversations, what it remembers, and what it has to send."""

    def clone(self) -> "SmtpFlows":
        """Make another of the same kind, for a connection of its own, with nothing to send."""
        return SmtpFlows(self.options, self.reader.limits)
