"""Real servers on loopback, as processes of their own, and a scripted one for bad manners.

Nothing here imports netmail: what proves the servers must not lean on what the servers prove.
"""
