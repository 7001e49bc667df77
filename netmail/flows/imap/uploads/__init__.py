"""Many messages put into a mailbox."""
