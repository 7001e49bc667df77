"""What is asked of a server before a key is trusted, and after it has refused one.

This file knows which question is asked, and never waits for the reply.
"""

import re
from typing import Final

from netmail import FetchedMessage, ImapError
from netmail import search as S  # noqa: N812 -- as the documentation writes it
from netmail.query.expressions import Expression
from netmail.query.fetching.read_mail import read_mail
from netmail.query.planning.bounds import doubtful_kinds
from netmail.query.planning.keys import Key, Several, kinds, numbers
from netmail.query.planning.knowledge import SAMPLED, Knowledge
from netmail.query.planning.search_keys import written
from netmail.query.requests import Call, Fetch, Flow, Search, Together
from netmail.query.sampling import check_sample

SAMPLES: Final = 20
"""Messages whose headers are looked at for a sample."""

# A term of a subject or a name, of which the inner letters alone are searched: "Quarterly".
_TERM: Final = re.compile(r"(?<![^\W_])[A-Za-z]{5,30}(?![^\W_])")


def learn(knowledge: Knowledge, expression: Expression, mailbox: str) -> Flow[None]:
    """Ask what the keys of an expression depend on, each question once in a session."""
    lacking = {kind for kind in doubtful_kinds(expression) if knowledge.lacks(kind)}
    if lacking and knowledge.server is None:
        # ID names the server: RFC 2971 section 3.3.
        fields = (yield Call("id")) if "ID" in knowledge.capabilities else {}
        knowledge.identify(fields)
    if "HEADER" in lacking and knowledge.finds_substrings is None:
        yield from _try_substrings(knowledge, mailbox)
    if any(knowledge.lacks(kind) for kind in lacking & SAMPLED):
        yield from check_sample(knowledge, mailbox)


def _try_substrings(knowledge: Knowledge, mailbox: str) -> Flow[None]:
    """Look for the inner letters of a term that a header has: an index of terms lacks them."""
    if "X-GM-EXT-1" in knowledge.capabilities:
        # Gmail finds whole terms only.
        knowledge.finds_substrings = False
        return
    [found] = yield Together((Search(S.all_(), mailbox),))
    if isinstance(found, ImapError):
        raise found
    # New messages are in an index at last; and a sample of them is as good as any.
    newest = tuple(sorted(found)[-SAMPLES:])
    if not newest:
        return
    item = "BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]"
    fetched: list[FetchedMessage] = yield Fetch(newest, (item,), mailbox)
    probes = [probe for message in fetched for probe in _probes(message, mailbox)][:SAMPLES]
    if not probes:
        return
    outcomes = yield Together(tuple(probes))
    knowledge.finds_substrings = all(isinstance(each, tuple) and each for each in outcomes)


def _probes(message: FetchedMessage, mailbox: str) -> list[Search]:
    """Return searches that find this message where parts of terms are found."""
    header = read_mail(b"".join(message.sections.values())).headers
    probes = []
    for name in ("Subject", "From"):
        if term := _TERM.search(header.get(name) or ""):
            key = S.uid(message.uid) & S.header(name, term[0][1:-1])
            probes.append(Search(key, mailbox))
    return probes


def find_refused(knowledge: Knowledge, keys: list[Key], mailbox: str) -> Flow[None]:
    """Find out which kinds of keys a server refuses, by trying each alone, and leave them out."""
    samples: dict[str, Key] = {}
    for key in keys:
        _collect(key, samples)
    first = written(numbers("UID", [(1, 1)]))
    asked = tuple(Search(first & written(key), mailbox) for key in samples.values())
    outcomes = yield Together(asked)
    refused = {
        kind for kind, each in zip(samples, outcomes, strict=True) if isinstance(each, ImapError)
    }
    # Where each is fine alone, it is what they are together.
    knowledge.left_out |= refused or set(samples)


def _collect(key: Key, samples: dict[str, Key]) -> None:
    """Collect one key of each kind."""
    if isinstance(key, Several):
        for each in key.keys:
            _collect(each, samples)
    else:
        for kind in kinds(key):
            samples.setdefault(kind, key)
