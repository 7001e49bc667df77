"""The clients: one line a method, no logic."""
