"""Header fields of a message that is read, one grammar a file."""
