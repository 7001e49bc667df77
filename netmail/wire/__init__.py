"""Grammar: bytes to values and back. Pure functions; no network, no clock."""
