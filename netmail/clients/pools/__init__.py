"""Pools: several connections for many messages, threads and tasks."""
