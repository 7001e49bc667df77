"""SMTP, IMAP and POP3: libcurl dials, netmail talks."""
