"""What clients return, one file a protocol, and the events that they report."""
