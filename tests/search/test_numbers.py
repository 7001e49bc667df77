"""Search keys of sizes, UIDs and modification sequences."""

import pytest

from netmail import UsageError
from netmail import search as S  # noqa: N812


@pytest.mark.parametrize(
    ("key", "written"),
    [
        (S.larger(0), "LARGER 0"),
        (S.smaller(2**63 - 1), "SMALLER 9223372036854775807"),
        (S.uid("1:*"), "UID 1:*"),
        (S.uid(5), "UID 5"),
        (S.uid(range(1, 20_001)), "UID 1:20000"),
        (S.uid([]), "NOT ALL"),
        (S.sequence_set("1:10,20"), "1:10,20"),
        (S.sequence_set(()), "NOT ALL"),
        (S.saved(), "$"),
        (S.modseq(620162338), "MODSEQ 620162338"),
        # RFC 7162 section 3.1.5, its example
        (S.modseq(620162338, r"\Draft"), r'MODSEQ "/flags/\\Draft" all 620162338'),
        (S.modseq(5, "$Junk", "priv"), 'MODSEQ "/flags/$Junk" priv 5'),
    ],
    ids=str,
)
def test_written(key, written):
    """Numbers and sets are written bare."""
    assert str(key) == written


@pytest.mark.parametrize("value", [-1, 2**63, True, "5", 1.0, None], ids=repr)
@pytest.mark.parametrize("name", ["larger", "smaller", "modseq"])
def test_no_number(name, value):
    """What is no number is refused."""
    with pytest.raises(UsageError):
        getattr(S, name)(value)


@pytest.mark.parametrize("value", [0, "", "0", "1 2", "a", [0], None, "1:2)"], ids=repr)
@pytest.mark.parametrize("name", ["uid", "sequence_set"])
def test_no_set(name, value):
    """What is no set is refused."""
    with pytest.raises(UsageError):
        getattr(S, name)(value)


@pytest.mark.parametrize(
    ("flag", "scope"), [("a b", "all"), ('"', "all"), ("x\r\n", "all"), (r"\Seen", "mine")]
)
def test_no_flag(flag, scope):
    """What is no flag, or no scope, is refused."""
    with pytest.raises(UsageError):
        S.modseq(5, flag, scope)
