"""The data that IMAP servers send, a file for each kind."""
