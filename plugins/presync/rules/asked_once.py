"""What Great Expectations works out anew each time it is asked, worked out once while a batch is validated.

For one expectation it builds the same expectation about 15 times, its configuration 150 times, the list of
the metrics it needs twice, and the ids of some 60 metrics, most of them equal. None of this depends on
anything but what is asked about, and nothing changes it in between; what is computed from the data is not
touched. So only the time changes: the results are Great Expectations' own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

_Method = Callable[..., Any]
_SCALARS: Final = (str, int, bool, type(None))


@contextmanager
def everything_asked_once() -> Iterator[None]:
    """Remember, until the end, what was asked of each object; of a metric's arguments, of equal ones."""
    from great_expectations.core.id_dict import IDDict
    from great_expectations.expectations.expectation import (
        ColumnMapExpectation,
        ColumnPairMapExpectation,
        Expectation,
    )
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    configuration = Expectation.configuration
    methods: list[tuple[type, str, _Method]] = [
        (ExpectationConfiguration, "to_domain_obj", _of_each_object),
        (ColumnMapExpectation, "get_validation_dependencies", _of_each_expectation),
        (ColumnPairMapExpectation, "get_validation_dependencies", _of_each_expectation),
        (IDDict, "to_id", _of_equal_arguments),
    ]
    originals = [(kind, name, kind.__dict__[name]) for kind, name, _ in methods]
    for kind, name, remembering in methods:
        setattr(kind, name, remembering(kind.__dict__[name]))
    Expectation.configuration = property(_of_each_object(configuration.fget))
    try:
        yield
    finally:
        Expectation.configuration = configuration
        for kind, name, original in originals:
            setattr(kind, name, original)


def _of_each_object(method: _Method) -> _Method:
    """Return the method with a memory for each object; the further arguments are the same all along."""
    kept: dict[int, tuple[Any, Any]] = {}

    def remembered(asked: Any, *arguments: Any, **named: Any) -> Any:
        if id(asked) not in kept:
            # held, so that no other object gets its id
            kept[id(asked)] = asked, method(asked, *arguments, **named)
        return kept[id(asked)][1]

    return remembered


def _of_each_expectation(method: _Method) -> _Method:
    """Return `get_validation_dependencies` with a memory; each caller may take metrics off its own copy."""
    remembered = _of_each_object(method)

    def copied(asked: Any, *arguments: Any, **named: Any) -> Any:
        needed = remembered(asked, *arguments, **named)
        return replace(
            needed,
            metric_configurations=dict(needed.metric_configurations),
            result_format=dict(needed.result_format),
        )

    return copied


def _of_equal_arguments(method: _Method) -> _Method:
    """Return `IDDict.to_id` with a memory for each content; what cannot be told apart for sure is asked."""
    kept: dict[Any, Any] = {}

    def remembered(asked: Any, *arguments: Any, **named: Any) -> Any:
        try:
            content = tuple([(key, _frozen(value)) for key, value in asked.items()])
        except TypeError:
            content = None
        if content is None or arguments or named:
            return method(asked, *arguments, **named)
        if content not in kept:
            kept[content] = method(asked)
        return kept[content]

    return remembered


def _frozen(value: Any) -> Any:
    """Return a key under which no two values meet that are written differently, as 1, 1.0 and True are."""
    if type(value) in _SCALARS:
        return type(value), value
    if type(value) is float:
        return float, repr(value)
    if type(value) in (list, tuple):
        return type(value), tuple(map(_frozen, value))
    raise TypeError(value)
