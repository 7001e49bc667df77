"""The embedded IMAP server; this package must not know the other protocols."""
