"""A value that is made quickly is the same as any other."""

import pickle
from dataclasses import FrozenInstanceError

import pytest

from netmail.results.body_structure import BodyStructure
from netmail.results.imap_envelope import ImapEnvelope
from netmail.wire.imap.data.quick_value import quick

BODY = ("1", "text/plain", {"charset": "utf-8"}, None, "", "7bit", 5, 1, None, "", {}, ())
VALUES = [
    (BodyStructure, (*BODY, None, None, ())),
    (ImapEnvelope, (None, "Hello", (), (), (), (), (), (), "", "<a@b>", b"", b"Hello")),
]


@pytest.mark.parametrize(("kind", "given"), VALUES)
def test_same_value(kind, given):
    """It equals the value that the class itself makes, is shown and copied as that is."""
    value = quick(kind)(*given)

    assert type(value) is kind
    assert value == kind(*given)
    assert repr(value) == repr(kind(*given))
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize(("kind", "given"), VALUES)
def test_frozen(kind, given):
    """It cannot be changed."""
    value = quick(kind)(*given)

    for name in kind.__slots__:
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, None)
