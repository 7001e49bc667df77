"""Whether a message is what an expression says, as far as is known of it: yes, no, or not yet.

This file knows values, and neither keys nor servers.
"""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Final

from netmail.query.compare import fold, is_like
from netmail.query.expressions import And, Compare, Every, Expression, Operator, Or
from netmail.query.fields import FlagField, TextField
from netmail.query.planning.ranges import moment, ranges_of
from netmail.query.values import Facts, compared, source_of, texts_of, value_of


def decide(expression: Expression, facts: Facts, zone: tzinfo | None = None) -> bool | None:
    """Tell whether a message is what an expression says; `None` if that needs more of it."""
    match expression:
        case Every(_, holds):
            return holds
        case Compare(field):
            name = compared(field.name)
            return _compare(expression, facts, zone) if facts.has(name) else None
        case And(parts) | Or(parts):
            ends = isinstance(expression, Or)
            unknown = False
            # One false part decides "and", one true part "or", whatever is not known of others.
            for part in parts:
                found = decide(part, facts, zone)
                if found is ends:
                    return ends
                unknown = unknown or found is None
            return None if unknown else not ends
    raise AssertionError(expression)


def missing(expression: Expression, facts: Facts, zone: tzinfo | None = None) -> set[str]:
    """Return the names of fields that are not known, and on which it depends."""
    match expression:
        case Compare(field):
            name = compared(field.name)
            return set() if facts.has(name) else {name}
        case And(parts) | Or(parts) if decide(expression, facts, zone) is None:
            return set().union(*(missing(part, facts, zone) for part in parts))
    return set()


def _compare(compare: Compare, facts: Facts, zone: tzinfo | None) -> bool:
    value = value_of(compared(compare.field.name), facts)
    kind = source_of(compare.field.name).kind
    return _holds(compare, value, kind, zone) is compare.holds


def _holds(compare: Compare, value: object, kind: type, zone: tzinfo | None) -> bool:
    operator, wanted = compare.operator, compare.value
    if issubclass(kind, FlagField):
        return value in wanted if isinstance(wanted, frozenset) else value is wanted
    if issubclass(kind, TextField):
        return _text_holds(operator, wanted, texts_of(value))
    if wanted is None or value is None:
        # As Python compares: a value that is missing equals None, and is in no order.
        return value is None and wanted is None
    number = moment(value, zone) if isinstance(value, datetime) else value
    ranges = ranges_of(operator, wanted, zone)
    return isinstance(number, int) and any(low <= number <= high for low, high in ranges)


def _text_holds(operator: Operator, wanted: object, texts: list[str]) -> bool:
    if wanted is None:
        return not texts
    if isinstance(wanted, frozenset):
        folded = {fold(str(each)) for each in wanted}
        return any(fold(text) in folded for text in texts)
    if operator is Operator.LIKE:
        return any(is_like(text, str(wanted)) for text in texts)
    value = fold(str(wanted))
    return any(_OPERATORS[operator](fold(text), value) for text in texts)


_OPERATORS: Final[dict[Operator, Callable[[str, str], bool]]] = {
    Operator.EQUAL: lambda text, value: text == value,
    Operator.LESS: lambda text, value: text < value,
    Operator.AT_MOST: lambda text, value: text <= value,
    Operator.MORE: lambda text, value: text > value,
    Operator.AT_LEAST: lambda text, value: text >= value,
    Operator.CONTAINS: lambda text, value: value in text,
    Operator.STARTS_WITH: lambda text, value: text.startswith(value),
}
