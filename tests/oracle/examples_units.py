"""Examples on departments and products of the rules on codes, names and answers."""

from __future__ import annotations

from tests.oracle.building import EXCEPT, NOTHING, ONCE, PAIR, Example, cases, there, unit
from tests.oracle.model import Row

_OSLO = [unit("1", "Oslo")]
_EXCLUDED = [unit("1", "Oslo", 1)]
_EXCEPTION = {"transfer__departments": EXCEPT}
_NONE = {"transfer__departments": "none"}
_UNANSWERED = {"transfer__departments": None}
_TEXT_KEYS = {"visma_business__departments__table": "R7"}
_EXCEPT_ZERO = {"transfer__departments": {"except": {"field": "Gr", "value": 0}}}
_UNIQUE = {"settings": {"unique_product_codes": True}}
_NAME_80 = "x" * 80


def _product(code: str | None, name: str | None, register: str = "products") -> Row:
    return there(code, name, register=register)


def _units(*codes: str | None) -> list[Row]:
    return [there(code, f"Unit {index}") for index, code in enumerate(codes)]


def _groups(*values: int | None) -> list[Row]:
    return [unit(str(index), f"Unit {index}", value) for index, value in enumerate(values, start=1)]


UNITS: tuple[Example, ...] = (
    *cases(
        "departments",
        "decision_missing",
        ("no answer", [], [], ONCE, _UNANSWERED),
        ("all", _OSLO, [], NOTHING),
        ("none", [], [], NOTHING, _NONE),
        ("except", [], [], NOTHING, _EXCEPTION),
    ),
    *cases(
        "departments",
        "code_conflict",
        ("other name", _OSLO, [there("1", "Bergen")], PAIR),
        ("same name", _OSLO, [there("1", "OSLO")], NOTHING),
        ("90 of 100", [unit("1", "Fjordkraft")], [there("1", "Fjordkrafd")], NOTHING),
        ("88.9 of 100", [unit("1", "Bergvarme")], [there("1", "Bergvarne")], PAIR),
        ("some of the words", [unit("1", "Oslo Vest Salg")], [there("1", "Salg Oslo")], NOTHING),
        ("not all of the words", [unit("1", "Oslo Vest Salg")], [there("1", "Oslo Nord")], PAIR),
        ("names without a letter", [unit("1", "?")], [there("1", None)], PAIR),
        ("one name empty", _OSLO, [there("1", " ")], PAIR),
        ("inactive", _OSLO, [there("1", "Bergen", False)], PAIR),
        ("excluded", _EXCLUDED, [there("1", "Bergen")], PAIR, _EXCEPTION),
        ("no codes are not equal", [unit("0", "Oslo")], [there("0", "Bergen")], NOTHING),
    ),
    *cases(
        "products",
        "code_conflict",
        ("work type", _OSLO, [_product("1", "Bergen", "worktypes")], NOTHING),
    ),
    *cases(
        "products",
        "code_shared",
        ("work type", _OSLO, [_product("1", "Bergen", "worktypes")], PAIR),
        ("travel expense", _OSLO, [_product("1", "Bergen", "travelexpensetypes")], PAIR),
        ("regular product", _OSLO, [_product("1", "Bergen")], NOTHING),
        ("alike", _OSLO, [_product("1", "Oslo Vest", "worktypes")], NOTHING),
    ),
    *cases(
        "departments",
        "name_differs",
        ("90 of 100", [unit("1", "Fjordkraft")], [there("1", "Fjordkrafd")], PAIR),
        ("88.9 of 100", [unit("1", "Bergvarme")], [there("1", "Bergvarne")], NOTHING),
        ("other order", [unit("1", "Oslo Vest")], [there("1", "Vest Oslo")], PAIR),
        ("same key", [unit("1", "Oslo Vest")], [there("1", "OSLO-VEST")], NOTHING),
        ("some of the words, inactive", [unit("1", "Oslo")], [there("1", "Oslo Vest", False)], PAIR),
    ),
    *cases(
        "products",
        "name_differs",
        ("work type", _OSLO, [_product("1", "Oslo Vest", "worktypes")], PAIR),
    ),
    *cases(
        "departments",
        "code_duplicate",
        ("severa", [], _units("A1", " a1", "A2"), [(None, 0), (None, 1)]),
        (
            "business",
            [unit("A1", "A"), unit("a1 ", "A"), unit("b", "A")],
            [],
            [(0, None), (1, None)],
            _TEXT_KEYS,
        ),
        ("both systems", _OSLO, _units("1"), NOTHING),
        ("no codes", [], _units("0", "0", None, None, " "), NOTHING),
        ("inactive", [], [there("1", "A"), there("1", "B", False)], [(None, 0), (None, 1)]),
        ("leading zeros", [], _units("7", "007"), NOTHING),
    ),
    *cases(
        "products",
        "code_duplicate",
        ("products", [], [_product("1", "A"), _product("1", "A")], [(None, 0), (None, 1)]),
        ("work types", [], [_product("1", "A", "worktypes"), _product("1", "A", "worktypes")], NOTHING),
        ("across registers", [], [_product("1", "A"), _product("1", "B", "worktypes")], NOTHING),
        (
            "across registers, unique",
            [],
            [_product("1", "A", "travelexpensetypes"), _product("1", "B", "worktypes"), _product("2", "C")],
            [(None, 0), (None, 1)],
            _UNIQUE,
        ),
    ),
    *cases(
        "departments",
        "code_not_transferable",
        (
            "integer keys",
            [],
            _units(
                "1", "2147483647", " 7 ", None, "0", "2147483648", "007", "A", "-7", "7.0", "+7", "７", "00"
            ),
            [(None, index) for index in range(5, 13)],
        ),
        ("text keys", [], _units("A" * 10, "A" * 11, " " + "ß" * 10 + " ", "007"), [(None, 1)], _TEXT_KEYS),
        ("inactive", [], [there("A", "A", False)], NOTHING),
        ("business departments may have any text", [unit("A", "A")], [], NOTHING, _TEXT_KEYS),
    ),
    *cases(
        "products",
        "code_not_transferable",
        (
            "products",
            [],
            [_product("A" * 40, "A"), _product("B" * 41, "A"), _product("C" * 41, "A", "worktypes")],
            [(None, 1), (None, 2)],
        ),
    ),
    *cases(
        "departments",
        "code_absent",
        (
            "no code",
            _OSLO,
            [there(None, "Bergen"), there("0", ""), there("A", "Bergen")],
            [(None, 0), (None, 1)],
        ),
        ("same as one", _OSLO, [there(None, "Oslo")], NOTHING),
        ("same as an excluded one", _EXCLUDED, [there(None, "Oslo")], NOTHING, _EXCEPTION),
        ("merely similar", [unit("1", "Fjordkraft")], [there(None, "Fjordkrafd")], [(None, 0)]),
        ("same as one that is no record", [unit("0", "Oslo")], [there(None, "Oslo")], [(None, 0)]),
        ("inactive", [], [there(None, "Oslo", False)], NOTHING),
    ),
    *cases(
        "products",
        "code_absent",
        (
            "registers",
            [],
            [
                _product(None, "A"),
                _product(None, "A", "worktypes"),
                _product(None, "A", "travelexpensetypes"),
            ],
            [(None, 0)],
        ),
    ),
    *cases(
        "departments",
        "name_too_long",
        ("81 characters", [], [there("1", _NAME_80 + "x")], [(None, 0)]),
        ("80 and blanks", [], [there("1", f" {_NAME_80} "), there("2", None)], NOTHING),
        ("inactive", [], [there("1", _NAME_80 + "x", False)], NOTHING),
    ),
    *cases(
        "departments",
        "group_field_in_use",
        ("as meant", _groups(1, 0, None), [], NOTHING, _EXCEPTION),
        ("another value", _groups(1, 0, 2, 3), [], ONCE, _EXCEPTION),
        ("all", _groups(1, 1), [], ONCE, _EXCEPTION),
        ("none", _groups(0, None), [], ONCE, _EXCEPTION),
        ("none and another value", _groups(0, 2), [], ONCE * 2, _EXCEPTION),
        ("no record", [unit("0", "A", 2)], [], NOTHING, _EXCEPTION),
        ("answer all", _groups(1, 2), [], NOTHING),
        ("null is not the value 0", _groups(None, 0), [], NOTHING, _EXCEPT_ZERO),
    ),
)
