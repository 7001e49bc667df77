"""SMTP conversations."""
