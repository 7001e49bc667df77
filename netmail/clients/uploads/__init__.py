"""The IMAP clients' methods that put messages into mailboxes."""
