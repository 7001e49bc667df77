"""Decoders: transfer encodings, charsets, HTML, TNEF."""
