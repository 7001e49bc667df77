"""ESEARCH: the samples of the RFCs that define its return data, and what is refused."""

import pytest

from netmail.errors import ProtocolError
from netmail.results.search_result import SearchChange, SearchResult
from netmail.wire.imap.data.esearch import esearch_response
from support.imap_responses import data


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # RFC 4731 section 3.1
        (b'(TAG "A282") MIN 2 COUNT 3', SearchResult(tag="A282", min=2, count=3)),
        (b'(TAG "A283") ALL 2,10:11', SearchResult(tag="A283", all=(2, 10, 11))),
        (
            b'(TAG "A285") UID MIN 7 MAX 3800',
            SearchResult(tag="A285", uid=True, min=7, max=3800),
        ),
        (b'(TAG "A286") COUNT 15', SearchResult(tag="A286", count=15)),
        (b'(TAG "A301") UID', SearchResult(tag="A301", uid=True)),
        (b"", SearchResult()),
        # RFC 7162 section 3.1.10
        (
            b"(TAG a) ALL 1:3,5 MODSEQ 1236",
            SearchResult(tag="a", all=(1, 2, 3, 5), modseq=1236),
        ),
        # RFC 9394 section 3.1
        (
            b'(TAG "A01") UID PARTIAL (-1:-5 200:202,5)',
            SearchResult(tag="A01", uid=True, partial=(200, 201, 202, 5), partial_range="-1:-5"),
        ),
        (
            b'(TAG "A02") UID PARTIAL (23500:24000 NIL)',
            SearchResult(tag="A02", uid=True, partial=(), partial_range="23500:24000"),
        ),
        # RFC 5267 section 4.3
        (
            b'(TAG "B01") UID ADDTO (0 32768:32769)',
            SearchResult(tag="B01", uid=True, changes=(SearchChange((32768, 32769)),)),
        ),
        (
            b'(TAG "B02") UID REMOVEFROM (0 32768 1 5)',
            SearchResult(
                tag="B02",
                uid=True,
                changes=(
                    SearchChange((32768,), is_removed=True),
                    SearchChange((5,), 1, is_removed=True),
                ),
            ),
        ),
        # RFC 5267 section 4.3.3, in the order in which they count; Dovecot sends both in one
        (
            b'(TAG "C01") UID ADDTO (1 2733) REMOVEFROM (0 5) ADDTO (1 2731:2732)',
            SearchResult(
                tag="C01",
                uid=True,
                changes=(
                    SearchChange((2733,), 1),
                    SearchChange((5,), is_removed=True),
                    SearchChange((2731, 2732), 1),
                ),
            ),
        ),
        # RFC 6203 section 4
        (
            b'(TAG "B1") ALL 1,5,10 RELEVANCY (4 99 42)',
            SearchResult(tag="B1", all=(1, 5, 10), relevancy=(4, 99, 42)),
        ),
        # RFC 7377 section 2.1
        (
            b'(TAG "tag1" MAILBOX "folder1" UIDVALIDITY 1) UID ALL 4001,4003',
            SearchResult(tag="tag1", uid=True, mailbox="folder1", uidvalidity=1, all=(4001, 4003)),
        ),
    ],
)
def test_samples(line, expected):
    """Each kind of data is read, with UIDs and without."""
    assert esearch_response(data(b"* ESEARCH " + line), strict=True) == expected


@pytest.mark.parametrize(
    "line",
    [
        *(b"ALL", b"ALL 1:*", b"ALL 0", b"MIN x", b"COUNT -1", b"ALL 1:4294967295"),
        *(b"PARTIAL 1:2", b"PARTIAL (x 1)", b"PARTIAL (1:2 x)", b"PARTIAL (1:2)"),
        *(b"RELEVANCY 5", b"RELEVANCY (x)", b"ADDTO 1", b"ADDTO (1)", b"ADDTO (x 1)", b"(x"),
    ],
)
def test_no_result(line):
    """A value that is none of its kind is refused: a result must not lack messages."""
    with pytest.raises(ProtocolError):
        esearch_response(data(b"* ESEARCH " + line))


@pytest.mark.parametrize("line", [b"X-NEW (1 2) COUNT 1", b"(X-NEW 1) COUNT 1"])
def test_unknown_data(line):
    """RFC 4466 section 2.6.2: data of another extension is left out."""
    response = data(b"* ESEARCH " + line)

    assert esearch_response(response) == SearchResult(count=1)
    with pytest.raises(ProtocolError, match="unknown"):
        esearch_response(response, strict=True)
