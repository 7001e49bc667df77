"""The connection: the only place that imports pycurl, and the only one that waits."""
