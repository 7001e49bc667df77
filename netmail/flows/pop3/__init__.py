"""POP3 conversations."""
