"""Messages: building them and reading them, without a network; import them from `netmail`."""
