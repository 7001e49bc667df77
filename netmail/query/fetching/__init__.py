"""What is fetched of messages for their fields, and how it is put together.

Nothing in this folder knows an expression or a search key.
"""
