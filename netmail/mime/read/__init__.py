"""Reading messages: octets to values, decoded on first access. No network."""
