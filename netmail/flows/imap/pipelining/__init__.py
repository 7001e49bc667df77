"""Several IMAP commands in flight together, and what may not be in flight together."""
