"""Examples on employees: e-mails, names that are split, people who leave."""

from __future__ import annotations

from tests.oracle.building import EXCEPT, NOTHING, PAIR, Example, cases, employee, user
from tests.oracle.model import Row

_ANNA = [employee("1", "Anna Berg", "anna@x.no")]
_EXCEPTION = {"transfer__employees": EXCEPT}
_NONE = {"transfer__employees": "none"}
_UNANSWERED = {"transfer__employees": None}


def _people(*emails: str | None) -> list[Row]:
    return [employee(str(index), "Anna Berg", email) for index, email in enumerate(emails, start=1)]


def _named(*names: str | None) -> list[Row]:
    return [employee(str(index), name) for index, name in enumerate(names, start=1)]


PEOPLE: tuple[Example, ...] = (
    *cases(
        "employees",
        "code_mismatch",
        ("equal names", _ANNA, [user("2", "ANNA", "Berg")], PAIR),
        ("only a last name", _ANNA, [user("2", None, "Anna Berg")], PAIR),
        ("other order", _ANNA, [user("2", "Berg", "Anna")], NOTHING),
        ("equal e-mails, no word in common", _ANNA, [user("2", "A", "Hansen", " ANNA@x.no ")], NOTHING),
        ("equal e-mails, a word in common", _ANNA, [user("2", "Anna", "Hansen", " ANNA@x.no ")], PAIR),
        (
            "equal e-mails, a folded word",
            [employee("1", "Åse Lie", "a@x")],
            [user("2", "Aase", "B", "a@x")],
            PAIR,
        ),
        ("equal e-mails, one without a name", _ANNA, [user("2", None, None, "anna@x.no")], PAIR),
        ("an e-mail as people paste it", _ANNA, [user("2", "Anna", "B", "A <mailto:anna@x.no>")], PAIR),
        ("two different e-mails are none", _ANNA, [user("2", "Anna", "B", "anna@x.no, b@x.no")], NOTHING),
        (
            "a shared mailbox in severa",
            _ANNA,
            [user("2", "A", "Hansen", "anna@x.no"), user("3", "B", "Olsen", "Anna@X.no")],
            NOTHING,
        ),
        (
            "a mailbox shared with someone who left",
            _ANNA,
            [user("2", "A", "Hansen", "anna@x.no"), user("3", "B", "Olsen", "anna@x.no", is_active=False)],
            NOTHING,
        ),
        (
            "a shared mailbox in business",
            [*_ANNA, employee("2", "Bo Lie", "anna@x.no")],
            [user("3", "A", "Hansen", "anna@x.no")],
            NOTHING,
        ),
        (
            "a mailbox shared with somebody who is no employee",
            [*_ANNA, employee("0", "Bo Lie", "anna@x.no")],
            [user("3", "Anna", "Hansen", "anna@x.no")],
            PAIR,
        ),
        ("blank e-mails are not equal", [employee("1", "Anna", " ")], [user("2", "Bo", None, "")], NOTHING),
        ("codes are text in severa", _ANNA, [user(" 1 ", "Anna", "Berg")], NOTHING),
        (
            "delivery addresses may be employees",
            [_ANNA[0] | {"delivery_to": 5}],
            [user("2", "Anna", "Berg")],
            PAIR,
        ),
    ),
    *cases(
        "employees",
        "code_conflict",
        ("equal e-mails", _ANNA, [user("1", "Anna", "Hansen", "anna@x.no")], NOTHING),
        ("a shared mailbox is not a person", _ANNA, [user("1", "A", "Hansen", "anna@x.no")], PAIR),
        ("other person", _ANNA, [user("1", "A", "Hansen", "a@x.no")], PAIR),
        ("some of the names", _ANNA, [user("1", "Anna Maria", "Berg", "a@x.no")], NOTHING),
    ),
    *cases(
        "employees",
        "code_not_transferable",
        (
            "integer keys",
            [],
            [user("12", "A", "B"), user("A12", "C", "D"), user("007", "E", "F")],
            [(None, 1), (None, 2)],
        ),
        ("business employees may have any", [employee("-7", "Anna Berg")], [], NOTHING),
    ),
    *cases(
        "employees",
        "duplicate_in_system",
        (
            "equal names",
            [],
            [user("1", "A", "B"), user("2", "a", "b"), user("3", "A", "C")],
            [(None, 0), (None, 1)],
        ),
        (
            "a shared mailbox is not a person",
            [],
            [user("1", "A", "B", "x@x"), user("2", "C", "D", "x@x")],
            NOTHING,
        ),
        ("one left", [], [user("1", "A", "B"), user("2", "A", "B", is_active=False)], NOTHING),
    ),
    *cases(
        "employees",
        "email_missing",
        ("no address", _people(None, "", " ", "x", "@x", "a@"), [], [(i, None) for i in range(6)]),
        ("two addresses", _people("a@x.no; b@x.no"), [], NOTHING),
        ("shared is not missing", _people("a@x.no", "a@x.no"), [], NOTHING),
        ("excluded", [employee("1", "Anna Berg", None, 1)], [], NOTHING, _EXCEPTION),
        ("answer none", _people(None), [], NOTHING, _NONE),
        ("no answer", _people(None), [], [(0, None)], _UNANSWERED),
        ("no employee", [employee("0", "Anna Berg", None)], [], NOTHING),
    ),
    *cases(
        "employees",
        "name_not_splittable",
        (
            "no blank",
            _named("Anna", " Anna ", "Anna-Berg", None, "Anna Berg"),
            [],
            [(i, None) for i in range(4)],
        ),
        ("excluded", [employee("1", "Anna", group=1)], [], NOTHING, _EXCEPTION),
        ("answer none", _named("Anna"), [], NOTHING, _NONE),
        ("no answer", _named("Anna"), [], [(0, None)], _UNANSWERED),
    ),
    *cases(
        "employees",
        "name_too_long",
        ("first and last", [], [user("1", "x" * 40, "y" * 39), user("2", "x" * 40, "y" * 40)], [(None, 1)]),
    ),
    *cases(
        "employees",
        "group_field_in_use",
        (
            "the customers' field does not count",
            [_ANNA[0] | {"customer_group_value": 2, "employee_group_value": 1}, employee("2", "Bo Lie")],
            [],
            NOTHING,
            _EXCEPTION,
        ),
    ),
)
