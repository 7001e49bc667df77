"""Building messages: what callers say, to octets. No network."""
