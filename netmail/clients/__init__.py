"""What people call: one line a method, no logic."""
