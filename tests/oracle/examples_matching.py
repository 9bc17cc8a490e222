"""Examples on departments and products of the rules that relate records by their names."""

from __future__ import annotations

from tests.oracle.building import EXCEPT, NOTHING, PAIR, Example, cases, there, unit
from tests.oracle.model import Row

_OSLO = [unit("1", "Oslo")]
_EXCLUDED = [unit("1", "Oslo", 1)]
_SAME = there("1", "Oslo")
_EXCEPTION = {"transfer__departments": EXCEPT}
_NONE = {"transfer__departments": "none"}
_UNANSWERED = {"transfer__departments": None}
_TEXT_KEYS = {"visma_business__departments__table": "R7"}


def _product(code: str | None, name: str | None, register: str = "products") -> Row:
    return there(code, name, register=register)


MATCHING: tuple[Example, ...] = (
    *cases(
        "departments",
        "code_mismatch",
        ("codes differ", _OSLO, [there("2", "Oslo")], PAIR),
        ("codes equal", _OSLO, [_SAME], NOTHING),
        ("blanks around", _OSLO, [there(" 1\t", "OSLO!")], NOTHING),
        ("case", [unit("ß", "A")], [there("SS", "A")], NOTHING, _TEXT_KEYS),
        ("leading zeros", [unit("7", "A")], [there("007", "A")], PAIR),
        ("0 is no code", _OSLO, [there("0", "Oslo")], NOTHING),
        ("00 is one", _OSLO, [there("00", "Oslo")], PAIR),
        ("no name", [unit("1", " ")], [there("2", None)], NOTHING),
        ("inactive", _OSLO, [there("2", "Oslo", False)], NOTHING),
        ("active unknown", _OSLO, [there("2", "Oslo", None)], PAIR),
        ("excluded", _EXCLUDED, [there("2", "Oslo")], NOTHING, _EXCEPTION),
        ("another group", [unit("1", "Oslo", 2)], [there("2", "Oslo")], PAIR, _EXCEPTION),
        ("answer none", _EXCLUDED, [there("2", "Oslo")], PAIR, _NONE),
        ("answer missing", _EXCLUDED, [there("2", "Oslo")], PAIR, _UNANSWERED),
        ("has a partner", _OSLO, [there("2", "Oslo"), _SAME], NOTHING),
        ("has an inactive partner", _OSLO, [there("2", "Oslo"), there("1", "Oslo", False)], NOTHING),
        ("has a merely alike partner", _OSLO, [there("2", "Oslo"), there("1", "Oslo Vest")], NOTHING),
        ("its code is another's", _OSLO, [there("2", "Oslo"), there("1", "Bergen")], PAIR),
        ("ambiguous", _OSLO, [there("2", "Oslo"), there("3", "oslo")], NOTHING),
    ),
    *cases(
        "products",
        "code_mismatch",
        ("work type", _OSLO, [_product("2", "Oslo", "worktypes")], PAIR),
    ),
    *cases(
        "departments",
        "code_missing",
        ("no code", _OSLO, [there(None, "Oslo")], PAIR),
        ("code empty", _OSLO, [there("", "Oslo")], PAIR),
        ("code  ", _OSLO, [there(" ", "Oslo")], PAIR),
        ("code 0", _OSLO, [there("0", "Oslo")], PAIR),
        ("code  0 ", _OSLO, [there(" 0 ", "Oslo")], PAIR),
        ("has one", _OSLO, [there("2", "Oslo")], NOTHING),
        (
            "not a record without a code",
            [unit("0", "Oslo"), unit(None, "Oslo")],
            [there(None, "Oslo")],
            NOTHING,
        ),
        ("has a partner", _OSLO, [there(None, "Oslo"), _SAME], NOTHING),
        ("inactive", _OSLO, [there(None, "Oslo", False)], NOTHING),
        ("ambiguous", [*_OSLO, unit("2", "Oslo")], [there(None, "Oslo")], NOTHING),
    ),
    *cases(
        "products",
        "code_missing",
        ("travel expense", _OSLO, [_product(None, "Oslo", "travelexpensetypes")], PAIR),
    ),
    *cases(
        "departments",
        "ambiguous_match",
        ("two in severa", _OSLO, [there("2", "Oslo"), there(None, "oslo")], [(0, 0), (0, 1)]),
        ("two in business", [*_OSLO, unit("2", "Oslo")], [there("3", "Oslo")], [(0, 0), (1, 0)]),
        ("one each", _OSLO, [there("2", "Oslo")], NOTHING),
        ("second inactive", _OSLO, [there("2", "Oslo"), there("3", "Oslo", False)], NOTHING),
        (
            "second has a partner",
            [*_OSLO, unit("3", "Oslo")],
            [there("2", "Oslo"), there("3", "Oslo")],
            NOTHING,
        ),
    ),
    *cases(
        "products",
        "ambiguous_match",
        (
            "two registers",
            _OSLO,
            [_product("2", "Oslo"), _product(None, "Oslo", "worktypes")],
            [(0, 0), (0, 1)],
        ),
    ),
    *cases(
        "departments",
        "duplicate_entity",
        ("a second copy", _OSLO, [_SAME, there("2", "Oslo")], [(0, 1)]),
        ("a second copy without code", _OSLO, [_SAME, there(None, "Oslo")], [(0, 1)]),
        ("a second original", [*_OSLO, unit("2", "Oslo")], [_SAME], [(1, 0)]),
        ("crossed partners", [*_OSLO, unit("2", "Oslo")], [_SAME, there("2", "Oslo")], NOTHING),
        ("no partner", _OSLO, [there("2", "Oslo")], NOTHING),
        ("inactive copy", _OSLO, [_SAME, there("2", "Oslo", False)], NOTHING),
    ),
    *cases(
        "products",
        "duplicate_entity",
        ("work type", _OSLO, [_product("1", "Oslo"), _product("2", "Oslo", "worktypes")], NOTHING),
        (
            "work type is the partner",
            _OSLO,
            [_product("1", "Oslo", "worktypes"), _product("2", "Oslo")],
            [(0, 1)],
        ),
    ),
    *cases(
        "departments",
        "duplicate_in_system",
        ("only for customers and employees", [*_OSLO, unit("2", "Oslo")], [], NOTHING),
    ),
    *cases(
        "departments",
        "inactive_twin",
        ("other code", _OSLO, [there("2", "Oslo", False)], PAIR),
        ("no code", _OSLO, [there(None, "Oslo", False)], PAIR),
        ("equal code", _OSLO, [there("1", "Oslo", False)], NOTHING),
        ("active", _OSLO, [there("2", "Oslo")], NOTHING),
        ("has a partner", _OSLO, [there("2", "Oslo", False), _SAME], NOTHING),
        ("excluded", _EXCLUDED, [there("2", "Oslo", False)], NOTHING, _EXCEPTION),
    ),
    *cases(
        "departments",
        "near_duplicate",
        ("90 of 100", [unit("1", "Fjordkraft")], [there("2", "Fjordkrafd")], PAIR),
        ("no code", [unit("1", "Fjordkraft")], [there(None, "Fjordkrafd")], PAIR),
        ("88.9 of 100", [unit("1", "Bergvarme")], [there("2", "Bergvarne")], NOTHING),
        ("89.7 of 100", [unit("1", "Fjordkraftverk")], [there("2", "Fjordkrafdverke")], NOTHING),
        ("other order", [unit("1", "Oslo Vest")], [there("2", "Vest, Oslo")], PAIR),
        ("same", _OSLO, [there("2", "Oslo")], NOTHING),
        ("only some of the words", _OSLO, [there("2", "Oslo Vest")], NOTHING),
        ("equal codes", [unit("1", "Fjordkraft")], [there("1", "Fjordkrafd")], NOTHING),
        ("inactive", [unit("1", "Fjordkraft")], [there("2", "Fjordkrafd", False)], NOTHING),
    ),
    *cases(
        "departments",
        "excluded_but_in_severa",
        ("other code", _EXCLUDED, [there("2", "Oslo")], PAIR, _EXCEPTION),
        ("equal code", _EXCLUDED, [_SAME], PAIR, _EXCEPTION),
        ("alike", _EXCLUDED, [there("1", "Oslo Vest")], NOTHING, _EXCEPTION),
        ("inactive", _EXCLUDED, [there("1", "Oslo", False)], NOTHING, _EXCEPTION),
        ("answer all", _EXCLUDED, [_SAME], NOTHING),
    ),
)
