"""What clients return: values, one file a protocol."""
