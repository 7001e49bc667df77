"""Calls of the IMAP clients whose commands are sent together."""
