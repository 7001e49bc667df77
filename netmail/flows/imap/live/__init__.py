"""What happens in a mailbox while a client follows it."""
