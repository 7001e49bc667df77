"""Conversations: generators that say what they want sent and read. No network, no clock."""
