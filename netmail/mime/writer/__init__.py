"""Building messages: values from callers to octets. No network."""
