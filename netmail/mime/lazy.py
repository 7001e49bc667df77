"""A property that is computed once: `functools.cached_property` without its lock.

This file knows nothing of mail. Two threads may compute the same value twice; the values
are equal and immutable in meaning, so either may stay.
"""

from collections.abc import Callable
from typing import Generic, Self, TypeVar, overload

T = TypeVar("T")


class Lazy(Generic[T]):
    """Descriptor that keeps its value in the instance's `__dict__`, where it is found first."""

    def __init__(self, compute: Callable[..., T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> T | Self:
        if instance is None:
            return self
        value = self._compute(instance)
        instance.__dict__[self._name] = value
        return value
