"""NAMESPACE responses: the samples of RFC 2342 section 5 and RFC 5255, and others."""

import pytest

from netmail.errors import ProtocolError
from netmail.results.namespaces import Namespace, Namespaces
from netmail.wire.imap.data.namespace import namespace_response
from support.imap_responses import data

MH = Namespace("#mh/", "/", {"X-PARAM": ("FLAG1", "FLAG2")})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'(("" "/")) NIL NIL', Namespaces((Namespace("", "/"),))),
        (b'NIL NIL (("" "."))', Namespaces(shared=(Namespace("", "."),))),
        (
            b'(("" "/")) (("~" "/")) (("#shared/" "/")("#public/" NIL))',
            Namespaces(
                (Namespace("", "/"),),
                (Namespace("~", "/"),),
                (Namespace("#shared/", "/"), Namespace("#public/", None)),
            ),
        ),
        (
            b'(("" "/")("#mh/" "/" "X-PARAM" ("FLAG1" "FLAG2"))) NIL NIL',
            Namespaces((Namespace("", "/"), MH)),
        ),
        (
            b'(("" "/")) (("Other Users/" "/" "TRANSLATION" ("Andere Ben&APw-tzer/"))) NIL',
            Namespaces(
                (Namespace("", "/"),),
                (Namespace("Other Users/", "/", {"TRANSLATION": ("Andere Ben&APw-tzer/",)}),),
            ),
        ),
        (b'(("Entw&APw-rfe." ".")) NIL NIL', Namespaces((Namespace("Entwürfe.", "."),))),
    ],
)
def test_samples(line, expected):
    """Each kind of namespace has its place."""
    assert namespace_response(data(b"* NAMESPACE " + line), strict=True) == expected


def test_missing_lists():
    """A server that leaves out the end has no such namespaces."""
    response = data(b'* NAMESPACE (("" "/"))')

    assert namespace_response(response) == Namespaces((Namespace("", "/"),))
    with pytest.raises(ProtocolError, match="three lists"):
        namespace_response(response, strict=True)


@pytest.mark.parametrize(
    "line", [b"", b"x", b'("" "/") NIL NIL', b"NIL NIL NIL NIL", b'(("")) NIL NIL', b"(x"]
)
def test_no_namespaces(line):
    """What has another form is refused."""
    with pytest.raises(ProtocolError):
        namespace_response(data(b"* NAMESPACE " + line))
