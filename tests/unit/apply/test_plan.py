"""What becomes of fix files that went through somebody's hands before they are applied.

Covers: apply/basis.py, apply/plan.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from presync.apply.basis import fixes_digest
from presync.apply.model import Options
from presync.apply.plan import plan_for
from presync.errors import ConfigurationError
from presync.fixes.checks import require_applicable
from presync.report.files.fix_files import read_fixes, write_fixes
from tests.support.written_severa import WrittenSevera, written

__all__ = ["written"]


@pytest.fixture
def edited(written: Callable[..., WrittenSevera], tmp_path: Path) -> Callable[..., list[tuple[str, ...]]]:
    """Return what plans for fix files in which texts were replaced, and tells writes and what is left."""
    changes = [("customers", "a", "8"), ("users", "u", "U-8")]
    severa = written(tmp_path / "o", changes, customers={"a": 5, "b": 6}, users={"u": "U5"})

    def plan(*replaced: tuple[str, str], register: str = "customers") -> list[tuple[str, ...]]:
        folder = tmp_path / f"fixes-{len(replaced)}"
        write_fixes(folder, severa.checked.fixes)
        path = folder / "severa" / f"{register}.csv"
        path.with_suffix(".xlsx").unlink()
        text = path.read_text(encoding="utf-8-sig")
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8-sig")
        fixes = read_fixes(folder, given=True)
        require_applicable(fixes)
        found = plan_for("nordlys", replace(severa.checked, fixes=fixes), Options(fixes=folder))
        assert fixes_digest(fixes) != fixes_digest(severa.checked.fixes)
        writes = [(each.guid, each.old, each.new) for each in found.writes]
        return [*sorted(writes), *((left.kind, left.why) for left in found.left)]

    return plan


def test_what_somebody_changed_is_what_is_planned(edited: Callable[..., list[tuple[str, ...]]]) -> None:
    assert edited(("a,a,number,5,8", "a,a,number,5,9")) == [("a", "5", "9"), ("u", "U5", "U-8")]
    assert edited(("a,a,number,5,8", "b,b,number,6,8"))[0] == ("b", "6", "8")
    kept = edited(("a,a,number,5,8", "a,a,number,5,6"))
    assert kept == [
        ("u", "U5", "U-8"),
        ("not_possible", "b keeps this number: two records must never share one"),
    ]


def test_only_the_registers_that_were_asked_for_are_planned(
    written: Callable[..., WrittenSevera], tmp_path: Path
) -> None:
    changes = [("customers", "a", "8"), ("users", "u", "U-8")]
    severa = written(tmp_path / "o", changes, customers={"a": 5}, users={"u": "U5"})
    found = plan_for("nordlys", severa.checked, Options(only=("users",)))
    assert [write.guid for write in found.writes] == ["u"]
    assert [(left.kind, left.why) for left in found.left] == [("not_asked", "only users were asked for")]


def test_a_won_sale_is_in_two_registers_and_is_written_once(
    written: Callable[..., WrittenSevera], tmp_path: Path
) -> None:
    changes = [("salescases", "p", "21"), ("projects", "p", "21")]
    severa = written(tmp_path / "o", changes, projects={"p": 20}, salescases={"p": 20})
    found = plan_for("nordlys", severa.checked, Options())
    assert [(write.register, write.guid) for write in found.writes] == [("projects", "p")]
    assert (len(found.calls), found.left) == (1, ())


@pytest.mark.parametrize(
    ("register", "row", "typed", "why"),
    [
        ("customers", "a,a,number,5,8", "a,a,name,a,Other", "numbers and codes, and nothing else"),
        ("customers", "a,a,number,5,8", "a,a,number,5,-8", "a number must be positive"),
        ("customers", "a,a,number,5,8", "a,a,number,5,5", "it has this number already"),
        ("customers", "a,a,number,5,8", "a,a,number,5,1000", "Severa gives out numbers from 1000 on"),
        ("users", "u,u,code,U5,U-8", "u,u,code,U5,", "never taken away"),
    ],
)
def test_what_cannot_be_written_is_left_to_people(
    edited: Callable[..., list[tuple[str, ...]]], register: str, row: str, typed: str, why: str
) -> None:
    (left,) = [item for item in edited((row, typed), register=register) if len(item) == len(("kind", "why"))]
    assert why in left[1]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("a,a,number,5,eight", "not a whole number"),
        ("a,a,number,5,", "not a whole number"),
        ("a,a,number,6,8", "does not fit"),
        ("x,x,number,5,8", "is not there"),
        ("a,a,colour,5,8", "not a field"),
    ],
)
def test_what_does_not_fit_the_run_is_refused(
    edited: Callable[..., list[tuple[str, ...]]], typed: str, why: str
) -> None:
    with pytest.raises(ConfigurationError, match=why):
        edited(("a,a,number,5,8", typed))
