"""Queries of `netmail.search` as hypothesis makes them, to compare two readings of one query."""

from datetime import date

from hypothesis import strategies as st

from netmail import search as S  # noqa: N812 -- as the documentation writes it

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=8
) | st.sampled_from(["ann", 'a "b"', "\\", "Grüße", "(", ") (", "NIL", "{3}", "*", "OR"])
DAYS = st.dates(date(1970, 1, 1), date(2099, 12, 31))
KEYS = st.one_of(
    st.sampled_from([S.all_(), S.seen(), S.unseen(), S.deleted(), S.flagged(), S.undraft()]),
    st.builds(S.subject, TEXTS),
    st.builds(S.from_, TEXTS),
    st.builds(S.header, st.sampled_from(["Subject", "X-Y"]), TEXTS),
    st.builds(S.since, DAYS),
    st.builds(S.sent_before, DAYS),
    st.builds(S.larger, st.integers(0, 2**31)),
    st.builds(S.uid, st.sets(st.integers(1, 50), max_size=5)),
    st.builds(S.keyword, st.sampled_from(["$Forwarded", "work"])),
)


def combined(keys):
    """Make queries of these keys, nested."""
    return st.recursive(
        keys,
        lambda inner: st.one_of(
            st.builds(lambda key: ~key, inner),
            st.builds(lambda one, other: one & other, inner, inner),
            st.builds(lambda one, other: one | other, inner, inner),
            st.builds(lambda some: S.any_of(*some), st.lists(inner, min_size=1, max_size=5)),
        ),
        max_leaves=12,
    )
