"""Images in data URLs, which become parts of the message."""

from support.messages import read, simple

PNG = "iVBORw0KGgo="


def test_inline_images():
    """Images in data: URLs become parts, the same one once."""
    html = (
        f"<img src=\"data:image/png;base64,{PNG}\"><img src='data:image/PNG;base64,{PNG}'>"
        f'<p style="background: url(data:image/svg+xml,%3Csvg/%3E)">'
        '<img src="data:image/png;base64,***"><a href="data:text/html,x">'
    )
    seen = read(simple(html=html).inline_images().seed("s"))
    parts = seen.get_payload()

    assert (
        [part.get_filename() for part in parts[1:]],
        [part["Content-ID"] for part in parts[1:]],
        parts[1].get_content(),
        parts[0].get_content(),
    ) == (
        ["image1.png", "image2.svg"],
        ["<image1.s@netmail>", "<image2.s@netmail>"],
        b"\x89PNG\r\n\x1a\n",
        (
            "<img src=\"cid:image1.s@netmail\"><img src='cid:image1.s@netmail'>"
            '<p style="background: url(cid:image2.s@netmail)">'
            '<img src="data:image/png;base64,***"><a href="data:text/html,x">'
        ),
    )
