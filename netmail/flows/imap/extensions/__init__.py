"""IMAP conversations that a server need not have, a file for each extension."""
