"""Calls that are made again after a lost connection."""
