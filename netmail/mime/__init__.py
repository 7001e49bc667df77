"""Messages: building them and reading them. No network."""
