"""Properties that are computed once."""

from netmail.mime.lazy import Lazy


class Counted:
    """An object with a lazy property that counts how often it is computed."""

    def __init__(self) -> None:
        self.computed = 0

    @Lazy
    def value(self) -> int:
        """The count."""
        self.computed += 1
        return self.computed


def test_computed_once():
    """The first access computes, later ones keep the value."""
    counted = Counted()

    assert counted.value == 1
    assert counted.value == 1
    assert counted.computed == 1


def test_each_object_has_its_own():
    """One object's value is not another's."""
    first, second = Counted(), Counted()
    assert first.value == 1

    assert second.computed == 0


def test_set():
    """A value that is known already is not computed."""
    counted = Counted()
    Counted.value.set(counted, 7)

    assert counted.value == 7
    assert counted.computed == 0


def test_on_the_class():
    """The class shows the descriptor, with the property's documentation."""
    assert isinstance(Counted.value, Lazy)
    assert Counted.value.__doc__ == "The count."
