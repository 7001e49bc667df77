"""A property that is computed once: `functools.cached_property` without its lock.

This file knows nothing of mail. Two threads may compute the same value twice; the values
are equal and are never changed, so either may be kept.
"""

from collections.abc import Callable
from typing import Generic, Self, TypeVar, overload

T = TypeVar("T")


class Lazy(Generic[T]):
    """Descriptor that keeps its value in the instance's `__dict__`.

    It is no data descriptor (it has no `__set__`), so Python finds the kept value there first:
    every access but the first costs what a plain attribute costs.
    """

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

    def set(self, instance: object, value: T) -> None:
        """Keep a value that is known already, such as a constructor's argument.

        Args:
            instance: The object with the property; `type(instance).name` is this descriptor.
            value: What the property gives from now on.
        """
        instance.__dict__[self._name] = value
