"""The responses to one command."""

import pytest

from netmail.errors import ImapError, ProtocolError
from netmail.flows.imap.responses import Responses, raise_unless_ok
from netmail.wire.imap.responses import ResponseCode, status


def test_named():
    """Only responses of the names are returned, in their order; nonsense is left out."""
    untagged = [[b"* SEARCH 1"], [b"* 3 EXISTS"], [b"* 17"], [b"* search 2"], [b"* ESEARCH"]]
    responses = Responses(untagged=untagged)

    found = responses.named("SEARCH", "ESEARCH")
    assert [response.rest for response in found] == [b"1", b"2", b""]


def test_code():
    """A response code of the tagged response comes before those of untagged ones."""
    tagged = status(b"T1 OK [UIDNEXT 9] done")
    codes = [ResponseCode("UIDNEXT", "8"), ResponseCode("COPYUID", "1 2 3")]
    responses = Responses(tagged=tagged, codes=codes)

    assert responses.code("UIDNEXT") == "9"
    assert responses.code("COPYUID") == "1 2 3"
    assert responses.code("APPENDUID") is None


def test_ok():
    """OK raises nothing, whatever its code."""
    assert raise_unless_ok(status(b"T1 ok [ALERT] x"), "NOOP") is None


@pytest.mark.parametrize("line", [b"T1 NO [CANNOT] no", b"T1 bad no"])
def test_refused(line):
    """NO and BAD raise."""
    with pytest.raises(ImapError, match=r"NOOP: (NO|BAD) no"):
        raise_unless_ok(status(line), "NOOP")


@pytest.mark.parametrize("line", [b"T1 BYE x", b"T1 PREAUTH x"])
def test_never_tagged(line):
    """BYE and PREAUTH are never tagged."""
    with pytest.raises(ProtocolError, match="neither OK, NO nor BAD"):
        raise_unless_ok(status(line), "NOOP")


def test_the_error_has_the_data_of_its_code():
    """What a refusal tells a program is a value: the charsets that there are, the largest size."""
    tagged = status(b"T1 NO [BADCHARSET (UTF-8 X)] no")
    assert tagged is not None
    with pytest.raises(ImapError) as caught:
        raise_unless_ok(tagged, "UID SEARCH")

    assert (caught.value.code, caught.value.value) == ("BADCHARSET", ("UTF-8", "X"))
