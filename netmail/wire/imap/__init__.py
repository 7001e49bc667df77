"""IMAP grammar: bytes to values and back."""
