"""Fetching messages one by one, while their responses come."""
