"""Messages that the server puts together, exactly as they go over the wire."""

import pytest

from netmail.errors import CapabilityError, ImapError, UsageError
from netmail.flows.imap.uploads.catenate import append_catenated
from netmail.results.imap import AppendResult
from netmail.wire.imap.message_url import MessageUrl
from support.imap_sessions import run

CATENATE = "IMAP4rev1 CATENATE LITERAL+ UIDPLUS"
URL = MessageUrl("Drafts", 20, "HEADER")


def put(parts, transcript, **options):
    """Put a message together."""
    return run(
        lambda imap: append_catenated(imap, "x", parts, r"\Draft", None),
        transcript,
        **{"capabilities": CATENATE, **options},
    )


def test_parts(tmp_path):
    """Each text waits for the server, for a URL before it may be refused; lines end with CRLF."""
    path = tmp_path / "part"
    path.write_bytes(b"two\n")
    transcript = r"""
        C: T1 APPEND "x" (\Draft) CATENATE (TEXT {5}
        S: + go
        C! one\r\n URL "/Drafts/;UID=20/;SECTION=HEADER" TEXT {5}\r\n
        S: + go
        C! two\r\n)\r\n
        S: T1 OK [APPENDUID 4 9] done
    """

    assert put([b"one\n", URL, path], transcript) == AppendResult(4, 9)


def test_long_url():
    """A URL that no quoted string has room for is a literal."""
    url = MessageUrl("x" * 2000, 1)
    transcript = f"""
        C: T1 APPEND "x" (\\Draft) CATENATE (URL {{{len(str(url))}}}
        S: + go
        C: {url})
        S: T1 OK done
    """

    assert put([url], transcript, capabilities="IMAP4rev1 CATENATE") == AppendResult()


def test_bad_url():
    """A URL that names nothing is the value of the error; the texts after it are not sent."""
    transcript = r"""
        C: T1 APPEND "x" (\Draft) CATENATE (URL "/Drafts/;UID=20/;SECTION=HEADER" TEXT {1}
        S: T1 NO [BADURL "/Drafts/;UID=20/;SECTION=HEADER"] one message expunged
    """
    with pytest.raises(ImapError, match="expunged") as caught:
        put([URL, b"a"], transcript)

    assert (caught.value.code, caught.value.value) == ("BADURL", str(URL))


def test_too_big():
    """A message that is too large has the code TOOBIG."""
    transcript = r"""
        C: T1 APPEND "x" (\Draft) CATENATE (URL "/Drafts/;UID=20/;SECTION=HEADER")
        S: T1 NO [TOOBIG] more than 50 MB
    """
    with pytest.raises(ImapError) as caught:
        put([URL], transcript)

    assert caught.value.code == "TOOBIG"


@pytest.mark.parametrize(
    "parts",
    [[], [b""], [b"a\0"], "text", b"octets", 5, None, ["text"], [None], [URL, ""]],
    ids=repr,
)
def test_no_parts(parts):
    """What is no part of a message is refused before anything is sent."""
    with pytest.raises(UsageError):
        put(parts, "")


def test_not_offered():
    """Nothing is sent to a server without CATENATE."""
    with pytest.raises(CapabilityError, match="CATENATE"):
        put([URL], "", capabilities="IMAP4rev1")
