"""RFC 2047 encoded words as they are written."""

from hypothesis import given
from hypothesis import strategies as st

from netmail.mime.writer.encoded_words import encoded_words


@given(st.text(min_size=1), st.integers(-5, 80))
def test_any_text_is_written(text, room):
    """All encoded words are short, of whole characters, and mean the text."""
    from email.header import decode_header

    words = encoded_words(text.encode("utf-8", "replace").decode(), room)
    decoded = [octets.decode(charset) for word in words for octets, charset in decode_header(word)]

    assert text.encode("utf-8", "replace").decode() == "".join(decoded)
    assert all(len(word) <= 75 for word in words)
