"""Values of a frozen dataclass, made in a fifth of the time.

This file knows how Python makes an object, and no value of IMAP.
"""

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def quick(kind: Callable[P, T]) -> Callable[P, T]:
    """Return what makes the same values as a frozen dataclass with slots does.

    `__init__` of a frozen dataclass sets each field by a call of `object.__setattr__()`: with
    fifteen fields that takes longer than to read them from a usual response. Here a class with the
    same slots, which is not frozen, sets them, and its object becomes one of the frozen class.

    Args:
        kind: The dataclass; all of its fields are given in order.
    """

    def become(self: object) -> None:
        # Both classes have the same slots and no others, and so Python allows it.
        self.__class__ = kind  # type: ignore[assignment]  # it is a class

    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # of a dataclass
    return make_dataclass("Draft", names, slots=True, namespace={"__post_init__": become})
