"""Every exception of ours crosses a process border whole, and says whether trying again may help."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from presync import errors
from presync.errors import PresyncError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, PresyncError)]


@pytest.mark.parametrize("kind", KINDS)
def test_it_pickles_with_everything_it_says(kind: type[PresyncError]) -> None:
    error = pickle.loads(pickle.dumps(kind("what happened, and the way out", source="severa")))  # noqa: S301
    assert type(error) is kind
    assert (error.message, error.source) == (str(error), "severa")
    assert str(error) == "what happened, and the way out"


def test_the_page_of_errors_names_each_and_which_are_retried() -> None:
    page = errors.__doc__ or ""
    told = dict(re.findall(r"^[│ ]*[├└]── (\w+) +(.+)$", page, flags=re.MULTILINE))
    assert set(told) == {kind.__name__ for kind in KINDS} - {"PresyncError"}
    assert {name for name, says in told.items() if "retried" in says} == {
        kind.__name__ for kind in KINDS if kind.retryable
    }
