"""Trying a server: what watches it, and what asks."""
