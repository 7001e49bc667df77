"""Transports: each delivers one message at a time, to one kind of destination."""
