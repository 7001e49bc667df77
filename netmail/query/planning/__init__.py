"""How a query is found: the keys that are sent for it, and what is decided of messages here.

Nothing in this folder knows a client, or waits.
"""
