"""IMAP conversations, one file a command family."""
