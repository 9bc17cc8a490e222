"""Examples on customers and projects: ids, legal forms, customers that tell projects apart."""

from __future__ import annotations

from typing import Any

from tests.oracle.building import EXCEPT, NOTHING, PAIR, Example, cases, customer, project, severa
from tests.oracle.model import Row

_CUSTOMER = [customer("1", "Nordlys AS")]
_WITH_ID = [customer("1", "Nordlys AS", "NO 123 456 785 MVA")]
_EXCEPT_CUSTOMERS = {"transfer__customers": EXCEPT}
_NO_CUSTOMERS = {"transfer__customers": "none"}
_BIG = 9_223_372_036_854_775_807


def _company(number: int | None, name: str | None, vat_number: str | None = None, **more: Any) -> Row:
    return severa(name, "customers", number=number, vat_number=vat_number, **more)


def _case(number: int | None, name: str | None, customer_number: int | None = None, **more: Any) -> Row:
    return severa(name, "salescases", number=number, customer_number=customer_number, **more)


def _project(number: int | None, name: str | None, customer_number: int | None = None, **more: Any) -> Row:
    return severa(name, "projects", number=number, customer_number=customer_number, **more)


_OTHER_ID = _company(2, "Nordlys", "987654325")
_MAPPED = {"visma_business__projects__customer": "CustNo"}
_TEXT_KEYS = {"visma_business__projects__table": "R12"}


def _strangers(count: int) -> list[Row]:
    return [customer(str(1000 + n), f"Aa{chr(97 + n) * 6}") for n in range(count)]


def _foreigners(count: int) -> list[Row]:
    return [_company(2000 + n, f"{chr(97 + n) * 3}Yy") for n in range(count)]


_CUSTOMERS = (
    *cases(
        "customers",
        "code_mismatch",
        ("legal forms", _CUSTOMER, [_company(2, "NORDLYS A/S")], PAIR),
        ("equal ids, other names", _WITH_ID, [_company(2, "Aurora", "123456785")], PAIR),
        ("equal ids of two countries", _WITH_ID, [_company(2, "Aurora", "DE123456785")], NOTHING),
        ("one id, equal names", _WITH_ID, [_company(2, "Nordlys")], PAIR),
        ("ids contradict", _WITH_ID, [_OTHER_ID], NOTHING),
        ("an id of four digits is none", _WITH_ID, [_company(2, "Nordlys", "1234")], PAIR),
        ("equal codes", _CUSTOMER, [_company(1, "Nordlys")], NOTHING),
        ("a delivery address", [_CUSTOMER[0] | {"delivery_to": 7}], [_company(2, "Nordlys")], NOTHING),
        ("delivery unknown", [_CUSTOMER[0] | {"delivery_to": None}], [_company(2, "Nordlys")], PAIR),
        ("no customer number", [customer("0", "Nordlys")], [_company(2, "Nordlys")], NOTHING),
    ),
    *cases(
        "customers",
        "code_missing",
        ("number 0", _CUSTOMER, [_company(0, "Nordlys")], PAIR),
        ("number null", _CUSTOMER, [_company(None, "Nordlys")], PAIR),
    ),
    *cases(
        "customers",
        "ambiguous_match",
        (
            "a shared id makes no chain",
            [customer("1", "Nordlys AS", "123456785"), customer("2", "Aurora AS", "123456785")],
            [_company(3, "Nordlys", "NO123456785"), _company(4, "Aurora", "987654325")],
            NOTHING,
        ),
        (
            "a shared id, other names",
            [customer("1", "Nordlys", "123456785"), customer("2", "Bygg", "123456785")],
            [_company(3, "Aurora", "123456785")],
            [(0, 0), (1, 0)],
        ),
        (
            "a shared id, and one of them by its name",
            [customer("1", "Nordlys", "123456785"), customer("2", "Bygg", "123456785")],
            [_company(3, "Nordlys", "123456785")],
            NOTHING,
        ),
        (
            "the other candidate has an id of its own",
            _WITH_ID,
            [_company(2, "Nordlys"), _OTHER_ID],
            NOTHING,
        ),
    ),
    *cases(
        "customers",
        "code_conflict",
        ("equal names, ids contradict", _WITH_ID, [_company(1, "Nordlys", "987654325")], PAIR),
        ("similar names, ids contradict", _WITH_ID, [_company(1, "Nordlys Bygg", "987654325")], PAIR),
        ("other names, equal ids", _WITH_ID, [_company(1, "Aurora", "123456785")], NOTHING),
        ("other names", _CUSTOMER, [_company(1, "Aurora")], PAIR),
    ),
    *cases(
        "customers",
        "same_name_other_id",
        ("ids contradict", _WITH_ID, [_OTHER_ID], PAIR),
        ("without a code", _WITH_ID, [_company(None, "Nordlys", "987654325")], PAIR),
        ("one has no id", _WITH_ID, [_company(2, "Nordlys")], NOTHING),
        ("equal codes", _WITH_ID, [_company(1, "Nordlys", "987654325")], NOTHING),
        ("other names", _WITH_ID, [_company(2, "Nordlys Bygg", "987654325")], NOTHING),
        ("names are empty", [customer("1", "?", "123456785")], [_company(2, "", "987654325")], NOTHING),
        ("inactive", _WITH_ID, [_OTHER_ID | {"is_active": False}], NOTHING),
        ("one has a partner", _WITH_ID, [_company(1, "Nordlys"), _OTHER_ID], [(0, 1)]),
        (
            "both have partners",
            [*_WITH_ID, customer("2", "Nordlys Norge", "987654325")],
            [_company(1, "Nordlys"), _OTHER_ID],
            NOTHING,
        ),
    ),
    *cases(
        "customers",
        "name_contained",
        (
            "two words in three",
            [customer("1", "Nordfjord Norge")],
            [_company(2, "Nordfjord Norge Eiendom")],
            PAIR,
        ),
        (
            "the other way round",
            [customer("1", "Nordfjord Norge Eiendom")],
            [_company(2, "Norge Nordfjord")],
            PAIR,
        ),
        ("one word", [customer("1", "Nordfjord")], [_company(2, "Nordfjord Norge Eiendom")], NOTHING),
        ("one word twice", [customer("1", "Nor Nor")], [_company(2, "Nor Nor Norge Eiendom")], NOTHING),
        (
            "equal codes",
            [customer("1", "Nordfjord Norge")],
            [_company(1, "Nordfjord Norge Eiendom")],
            NOTHING,
        ),
        (
            "similar",
            [customer("1", "Nordfjord Eiendom Norge")],
            [_company(2, "Nordfjord Eiendom Norge B")],
            NOTHING,
        ),
        (
            "ids differ",
            [customer("1", "Nordfjord Norge", "123456785")],
            [_company(2, "Nordfjord Norge Eiendom", "987654325")],
            NOTHING,
        ),
        (
            "equal ids",
            [customer("1", "Nordfjord Norge", "123456785")],
            [_company(2, "Nordfjord Norge Eiendom", "123456785")],
            NOTHING,
        ),
        (
            "inactive",
            [customer("1", "Nord Norge")],
            [_company(2, "Nord Norge Eiendom", is_active=False)],
            NOTHING,
        ),
        (
            "one has a partner",
            [customer("1", "Nordfjord Norge")],
            [_company(1, "Nordfjord Norge"), _company(2, "Nordfjord Norge Eiendom")],
            NOTHING,
        ),
    ),
    *cases(
        "customers",
        "systems_unrelated",
        ("twenty each", _strangers(20), _foreigners(20), [(None, None)]),
        ("nineteen", _strangers(19), _foreigners(20), NOTHING),
        ("nineteen active", _strangers(20), [*_foreigners(19), _company(99, "Q", is_active=False)], NOTHING),
        (
            "one is the same",
            [*_strangers(19), customer("90", "Z")],
            [*_foreigners(19), _company(91, "Z")],
            NOTHING,
        ),
        (
            "one is similar",
            [*_strangers(19), customer("90", "Østbanen")],
            [*_foreigners(19), _company(91, "Oestbanen")],
            NOTHING,
        ),
        (
            "one word in common",
            [*_strangers(19), customer("90", "Zz")],
            [*_foreigners(19), _company(91, "Zz Y")],
            NOTHING,
        ),
        (
            "an inactive one is the same",
            [*_strangers(20), customer("90", "Zz")],
            [*_foreigners(20), _company(91, "Zz", is_active=False)],
            NOTHING,
        ),
        (
            "an inactive one is alike",
            [*_strangers(20), customer("90", "Zz")],
            [*_foreigners(20), _company(91, "Zz Y", is_active=False)],
            NOTHING,
        ),
    ),
    *cases(
        "customers",
        "near_duplicate",
        ("folded letters", [customer("1", "Østergaard")], [_company(2, "Oestergaard")], PAIR),
        ("lost diacritics", [customer("1", "Blåbær")], [_company(2, "Blabaer")], PAIR),
        (
            "both have partners",
            [customer("1", "Alfabetisk"), customer("2", "Alfabetisl")],
            [_company(1, "Alfabetisk"), _company(2, "Alfabetisl")],
            NOTHING,
        ),
        (
            "one has a partner",
            [customer("1", "Alfabetisk")],
            [_company(1, "Alfabetisk"), _company(2, "Alfabetisl")],
            [(0, 1)],
        ),
    ),
    *cases(
        "customers",
        "duplicate_in_system",
        ("severa", [], [_company(1, "A"), _company(2, "A Oy"), _company(3, "B")], [(None, 0), (None, 1)]),
        ("business", [*_CUSTOMER, customer("2", "Nordlys")], [], [(0, None), (1, None)]),
        ("a branch shares the id", [*_WITH_ID, customer("2", "B", "123456785")], [], [(0, None), (1, None)]),
        ("ids contradict", [*_WITH_ID, customer("2", "Nordlys", "987654325")], [], NOTHING),
        ("alike", [*_CUSTOMER, customer("2", "Nordlys Bygg")], [], NOTHING),
        ("one is inactive", [], [_company(1, "A"), _company(2, "A", is_active=False)], NOTHING),
        (
            "one is excluded",
            [*_CUSTOMER, customer("2", "Nordlys", group=1)],
            [],
            NOTHING,
            _EXCEPT_CUSTOMERS,
        ),
    ),
    *cases(
        "customers",
        "code_not_transferable",
        ("severa", [], [_company(n, "A") for n in (1, 2**31 - 1, 0, None)], NOTHING),
        ("severa, out of range", [], [_company(n, "A") for n in (2**31, -7)], [(None, 0), (None, 1)]),
        ("business", [customer("-7", "A"), customer(str(_BIG), "B")], [], [(0, None)]),
        ("business, excluded", [customer("-7", "A", group=1)], [], NOTHING, _EXCEPT_CUSTOMERS),
        ("business, none", [customer("-7", "A")], [], NOTHING, _NO_CUSTOMERS),
        ("business, no answer", [customer("-7", "A")], [], [(0, None)], {"transfer__customers": None}),
    ),
    *cases(
        "customers",
        "group_field_in_use",
        (
            "the employees' field does not count",
            [customer("1", "A", group=1) | {"employee_group_value": 2}, customer("2", "B", group=0)],
            [],
            NOTHING,
            _EXCEPT_CUSTOMERS,
        ),
        (
            "delivery addresses do not count",
            [
                customer("1", "A", group=1),
                customer("2", "B"),
                customer("3", "C", group=2) | {"delivery_to": 1},
            ],
            [],
            NOTHING,
            _EXCEPT_CUSTOMERS,
        ),
    ),
)

_PROJECTS = (
    *cases(
        "projects",
        "code_mismatch",
        ("equal names", [project("1", "Web")], [_project(2, "Web")], PAIR),
        ("a sales case", [project("1", "Web")], [_case(2, "Web")], PAIR),
        ("equal customers", [project("1", "Web", "7 ")], [_project(2, "Web", 7)], PAIR, _MAPPED),
        ("other customers", [project("1", "Web", "7")], [_project(2, "Web", 8)], NOTHING, _MAPPED),
        ("customer 0 is none", [project("1", "Web", "0")], [_project(2, "Web", 8)], PAIR, _MAPPED),
        ("no customer in severa", [project("1", "Web", "7")], [_project(2, "Web")], PAIR, _MAPPED),
        ("customers are not mapped", [project("1", "Web")], [_project(2, "Web", 8)], PAIR),
        ("closed", [project("1", "Web")], [_project(2, "Web", is_closed=True)], NOTHING),
        ("closed unknown", [project("1", "Web")], [_project(2, "Web", is_closed=None)], PAIR),
        (
            "in both registers: the project counts",
            [project("1", "Web")],
            [_project(2, "Web", guid="g"), _case(3, "Web", guid="g")],
            PAIR,
        ),
    ),
    *cases(
        "projects",
        "code_conflict",
        ("other customers", [project("1", "Web", "7")], [_project(1, "Web", 8)], PAIR, _MAPPED),
        ("closed", [project("1", "Web")], [_case(1, "App", is_closed=True)], PAIR),
    ),
    *cases(
        "projects",
        "inactive_twin",
        ("closed", [project("1", "Web")], [_case(2, "Web", is_closed=True)], PAIR),
        (
            "hidden by its open project",
            [project("1", "Web")],
            [_project(2, "Web", guid="g"), _case(2, "Web", guid="g", is_closed=True)],
            NOTHING,
        ),
    ),
    *cases(
        "projects",
        "code_duplicate",
        ("project and sales case", [], [_project(1, "A"), _case(1, "B")], [(None, 0), (None, 1)]),
        ("one guid in both", [], [_project(1, "A", guid="g"), _case(1, "A", guid="g")], NOTHING),
    ),
    *cases(
        "projects",
        "code_absent",
        ("no number", [], [_project(None, "A"), _case(0, "B"), _case(1, "C")], [(None, 0), (None, 1)]),
    ),
    *cases(
        "projects",
        "code_not_transferable",
        (
            "business texts",
            [project(code, "A") for code in ("7", " 8 ", str(_BIG), str(_BIG + 1), "A1", "007", "1.0", "00")],
            [],
            [(index, None) for index in range(3, 8)],
            _TEXT_KEYS,
        ),
        ("severa, integer keys", [], [_project(2**31 - 1, "A"), _case(2**31, "B")], [(None, 1)]),
        (
            "severa, text keys",
            [],
            [_project(9_999_999_999, "A"), _case(10_000_000_000, "B")],
            [(None, 1)],
            _TEXT_KEYS,
        ),
    ),
)

COMPANIES: tuple[Example, ...] = (*_CUSTOMERS, *_PROJECTS)
