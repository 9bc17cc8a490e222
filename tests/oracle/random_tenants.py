"""A Hypothesis strategy: small tenants from tiny alphabets, in which everything that can collide does.

Each tenant takes a handful of values from the pools first and chooses all its rows from these; then about
half of Severa's rows take over some values of a Visma Business row. So eight rows a side are enough for
shared codes, ambiguous names, touching series and all their combinations.

Hypothesis draws only the seed: its own draws repeat each other so much that whole rules stayed untried in
hundreds of examples. `smallest` makes a failing tenant readable instead of Hypothesis's shrinking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from presync.staging.tables import System
from presync.tenants.entities import ENTITIES
from presync.tenants.model import Tenant
from tests.oracle import pools
from tests.oracle.model import Row, StagedData

T = TypeVar("T")
Tables = dict[tuple[System, str], list[Row]]
Draw = Callable[[], Any]

NUMBERINGS = ("customer_numbering", "invoice_numbering")
SUITES = (*NUMBERINGS, *ENTITIES)
MOST_ROWS = 8
_NAME_AND_CODE = {"name": "name", "code": "code"}
_NUMBER_COLUMNS = {"number", "customer_number"}


def staged_tenants(suites: Collection[str] = SUITES, most: int = MOST_ROWS) -> st.SearchStrategy[StagedData]:
    """Draw both extracts of a tenant; only what the named suites read is filled, `most` rows a register."""
    return st.randoms(use_true_random=True).map(lambda random: random_tenant(random, suites, most))


def random_tenant(random: Random, suites: Collection[str] = SUITES, most: int = MOST_ROWS) -> StagedData:
    """Return both extracts of a tenant; only what the named suites read is filled, `most` rows a register."""
    tenant = _tenant(random)
    tables: Tables = {}
    if "departments" in suites:
        tables |= _departments(_Alphabet.chosen(random, most), tenant)
    if "products" in suites:
        tables |= _products(_Alphabet.chosen(random, most))
    if "projects" in suites:
        tables |= _projects(_Alphabet.chosen(random, most), tenant)
    if {"customers", "employees", "customer_numbering"} & set(suites):
        tables |= _associates(_Alphabet.chosen(random, most), suites)
    not_mapped = _series(random, tenant, tables, most if set(NUMBERINGS) & set(suites) else 0)
    return StagedData(tenant, tables, not_mapped)


def smallest(data: StagedData, fails: Callable[[StagedData], bool]) -> StagedData:
    """Return the data without the rows and values that it takes not to fail: each is removed in turn."""
    data = deepcopy(data)
    for table, rows in data.tables.items():
        if table[1] == "organizationsettings":
            continue
        for place in reversed(range(len(rows))):
            row = rows.pop(place)
            if not fails(data):
                rows.insert(place, row)
    for rows in data.tables.values():
        for row in rows:
            for column, value in list(row.items()):
                row[column] = value if column == "guid" else None
                if not fails(data):
                    row[column] = value
    return data


def _tenant(random: Random) -> Tenant:
    """Choose every answer, both kinds of R tables, with and without the optional parts."""
    departments, projects = random.sample(["R1", "R3", "R7", "R12"], 2)
    ceilings = (*[None] * 10, *pools.NUMBERS, *pools.EDGE_NUMBERS)
    kinds = ("customer", "invoice", "project")
    return Tenant.model_validate(
        {
            "tenant": "drawn",
            "title": "Drawn",
            "country": random.choice([None, "NO", "SE", "FI", "DK", "DE"]),
            "visma_business": {
                "departments": {"table": departments},
                "projects": {"table": projects, "customer": random.choice([None, "CustNo"])},
                "customer_series": random.choice([{}, {}, {}, "none"]),
                "invoice_series": random.choice([[1], [1], ["A"], [1, "A"], [1, "1", " 2 "], []]),
                "invoices": random.choice([None, {"table": "CustTr", "number": "InvoNo"}]),
            },
            "severa": {f"{kind}_number_ceiling": random.choice(ceilings) for kind in kinds},
            "transfer": {entity: _answer(random) for entity in ENTITIES},
        }
    )


def _answer(random: Random) -> Any:
    exclusion = {"except": {"field": "Gr5", "value": random.choice([1, 1, 2, 0])}}
    return random.choice(["all", "none", None, exclusion, exclusion])


@dataclass(frozen=True)
class _Alphabet:
    """The handful of values from which one tenant's records of one kind are chosen."""

    random: Random
    most: int
    names: list[str | None]
    codes: list[str | None]
    numbers: list[int | None]
    distinct: bool  # codes do not repeat within a register, so that partners come about

    @classmethod
    def chosen(cls, random: Random, most: int) -> _Alphabet:
        """Choose one or two families of names and a few codes."""
        distinct = random.random() < 0.5
        names = [name for family in _handful(random, pools.NAMES, 2) for name in _handful(random, family, 4)]
        rare = random.sample((*pools.EDGE_NUMBERS, *pools.BEYOND_BUSINESS), random.randint(0, 1))
        return cls(
            random,
            most,
            names,
            _handful(random, pools.TEXT_CODES, 8 if distinct else 4),
            [
                *_handful(random, pools.NUMBERS, 8 if distinct else 3),
                *rare,
            ],
            distinct,
        )

    def any_of(self, values: Sequence[Any]) -> Draw:
        """Choose one of the values."""
        return partial(self.random.choice, values)

    def name(self) -> str | None:
        """Choose a name, rarely a blank one."""
        return _mostly(self.random, self.names, pools.BLANK_NAMES)

    def code(self) -> str | None:
        """Choose a code, rarely none."""
        return _mostly(self.random, self.codes, pools.NO_CODES)

    def number(self) -> int | None:
        """Choose a number, rarely none."""
        return _mostly(self.random, self.numbers, (None, 0))

    def number_text(self) -> str | None:
        """Choose a number as Visma Business integers are staged: decimal text."""
        number = self.number()
        return None if number is None else str(number)

    def code_or_number(self) -> str | None:
        """Choose a code or a number's text."""
        return self.random.choice((self.code, self.number_text))()

    def group(self) -> int | None:
        """Choose a Group field's value."""
        return self.random.choice([None, 0, 1, 1, 2])

    def flag(self) -> bool | None:
        """Choose a flag."""
        return self.random.choice([None, True, True, False])

    def rows(self, code: str, /, **columns: Draw) -> list[Row]:
        """Choose rows with a name and these columns; `code` is the one that is not repeated."""
        rows = _rows(self.random, self.most, name=self.name, **columns)
        return list({row[code]: row for row in rows}.values()) if self.distinct else rows

    def twins(self, rows: list[Row], originals: list[Row], columns: Mapping[str, str]) -> list[Row]:
        """Let about half of the rows take over some values: `columns` says into what, from what."""
        return [
            self._twin(row, originals, columns) if originals and self.random.random() < 0.5 else row
            for row in rows
        ]

    def _twin(self, row: Row, originals: list[Row], columns: Mapping[str, str]) -> Row:
        original = self.random.choice(originals)
        copied = {}
        for column, source in columns.items():
            if self.random.random() < 0.7:
                value = original[source]
                copied[column] = _number(value) if column in _NUMBER_COLUMNS else value
        return row | copied


def _handful(random: Random, values: Sequence[T], most: int) -> list[T]:
    return random.sample(values, min(len(values), random.randint(1, most)))


def _mostly(random: Random, values: Sequence[T], rare: Sequence[T]) -> T:
    return random.choice(rare if random.random() < 0.12 else values)


def _any_of(random: Random, values: Sequence[Any]) -> Draw:
    return partial(random.choice, values)


def _rows(random: Random, most: int, **columns: Draw) -> list[Row]:
    size = min(most, random.choice([0, 1, 2, 3, 4, 5, 6, 7, 8]))
    return [{column: draw() for column, draw in columns.items()} for _ in range(size)]


def _with_guids(rows: list[Row], prefix: str) -> list[Row]:
    return [{"guid": f"{prefix}{index}", **row} for index, row in enumerate(rows)]


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("-?[0-9]{1,18}", text) else None


def _business_code(alphabet: _Alphabet, table: str) -> Draw:
    """Codes as the R table's key type allows them: decimals in R1 to R6, any text in R7 to R12."""
    return alphabet.number_text if int(table.removeprefix("R")) <= 6 else alphabet.code_or_number


def _departments(of: _Alphabet, tenant: Tenant) -> Tables:
    code = _business_code(of, tenant.visma_business.departments.table)
    business = of.rows("code", code=code, group_value=of.group)
    units = of.rows("code", code=of.code_or_number, is_active=of.flag)
    return {
        ("visma_business", "departments"): business,
        ("severa", "businessunits"): _with_guids(of.twins(units, business, _NAME_AND_CODE), "b"),
    }


def _products(of: _Alphabet) -> Tables:
    business = of.rows("code", code=of.code, group_value=of.group)
    tables: Tables = {("visma_business", "products"): business}
    for register in ("products", "worktypes", "travelexpensetypes"):
        rows = of.rows("code", code=of.code, is_active=of.flag)
        tables["severa", register] = _with_guids(of.twins(rows, business, _NAME_AND_CODE), register[0])
    return tables


def _projects(of: _Alphabet, tenant: Tenant) -> Tables:
    mapped = tenant.visma_business.projects.customer is not None
    texts = [None, "0", "", "7", "7", " 7 ", "8", "A"] if mapped else [None]
    code = _business_code(of, tenant.visma_business.projects.table)
    business = of.rows("code", code=code, customer=of.any_of(texts), group_value=of.group)
    columns = {"name": "name", "number": "code", "customer_number": "customer"}
    projects, cases = (
        of.twins(
            of.rows(
                "number",
                number=of.number,
                customer_number=of.any_of([None, 0, 7, 7, 8]),
                is_closed=of.flag,
            ),
            business,
            columns,
        )
        for _ in range(2)
    )
    return {
        ("visma_business", "projects"): business,
        ("severa", "projects"): _with_guids(projects, "p"),
        # a won sale is in both registers under one guid
        ("severa", "salescases"): [
            {"guid": f"{of.random.choice('ps')}{index}", **row} for index, row in enumerate(cases)
        ],
    }


def _associates(of: _Alphabet, suites: Collection[str]) -> Tables:
    random = of.random
    families = [random.choice(pools.TWO_COMPANIES), *_handful(random, pools.BUSINESS_IDS, 2)]
    ids = [text for family in families for text in _handful(random, family, 3)]
    some_id = partial(_mostly, random, ids, pools.BLANK_IDS)
    email = of.any_of(_handful(random, pools.EMAILS, 5))
    persons = "employees" in suites
    companies = bool({"customers", "customer_numbering"} & set(suites))
    rows = of.rows(
        "customer_no" if companies and random.random() < 0.5 else "employee_no",
        customer_no=of.number_text if companies else of.any_of(["0"]),
        employee_no=of.number_text if persons else of.any_of(["0"]),
        delivery_to=of.any_of([None, 0, 0, 0, 5]),
        business_no=some_id,
        email=email,
        customer_group_value=of.group,
        employee_group_value=of.group,
    )
    users = of.rows("code", code=of.code_or_number, email=email, is_active=of.flag)
    customers = of.rows("number", number=of.number, is_active=of.flag, vat_number=some_id)
    user_columns = {"name": "name", "code": "employee_no", "email": "email"}
    customer_columns = {"name": "name", "number": "customer_no", "vat_number": "business_no"}
    user_twins = of.twins(users, rows, user_columns) if persons else []
    customer_twins = of.twins(customers, rows, customer_columns) if companies else []
    if companies and of.most >= MOST_ROWS and random.random() < 0.06:
        rows, customer_twins = _strangers(of)
    return {
        ("visma_business", "associates"): [{"act_no": str(i), **row} for i, row in enumerate(rows, start=1)],
        ("severa", "users"): _with_guids([_user(random, row) for row in user_twins], "u"),
        ("severa", "customers"): _with_guids(customer_twins, "c"),
    }


def _strangers(of: _Alphabet) -> tuple[list[Row], list[Row]]:
    """Choose about twenty customers a side of which hardly any are alike, now and then one."""
    ours, theirs = ([*names[: of.random.choice([19, 20, 20, 21, 21])]] for names in pools.UNRELATED)
    if of.random.random() < 0.3:
        theirs[-1] = ours[-1]
    rows = [
        {"name": name, "customer_no": str(place), "employee_no": "0", "customer_group_value": int(place == 3)}
        for place, name in enumerate(ours, start=1)
    ]
    inactive = of.random.random() < 0.2
    customers = [
        {"name": name, "number": place, "is_active": not (inactive and place == 100)}
        for place, name in enumerate(theirs, start=100)
    ]
    return rows, customers


def _user(random: Random, row: Row) -> Row:
    """Make a person of a row with a name: all of it the last name, or split at its last blank."""
    name = row.pop("name")
    first, _, last = (name or "").rpartition(" ")
    if random.random() < 0.3:
        return {"first_name": None, "last_name": name, **row}
    return {"first_name": first, "last_name": last or None, **row}


def _series(random: Random, tenant: Tenant, tables: Tables, most: int) -> set[str]:
    """Add series, counters and invoices to the tables; return what the tenant does not map."""
    some = [*_handful(random, pools.NUMBERS, 6), *random.sample(pools.EDGE_NUMBERS, random.randint(0, 1))]
    number = partial(_mostly, random, some, (None, 0))
    mapped = tenant.visma_business
    not_mapped = set()
    if mapped.customer_series == "none" or random.random() < 0.1:
        not_mapped.add("customer_series")
    else:
        tables["visma_business", "customer_series"] = _rows(
            random, min(most, 4), account_class=_any_of(random, [1, 1, 1, 2, None]), first=number, last=number
        )
    if mapped.invoice_series:
        keys = _any_of(random, ["1", "1", "1", " 1 ", "2", "A", "A", "a", "01", None])
        tables["visma_business", "voucher_series"] = _rows(
            random, min(most, 4), key=keys, first=number, next=number, last=number
        )
    else:
        not_mapped.add("voucher_series")
    if mapped.invoices is None:
        not_mapped.add("invoice_numbers")
    else:
        texts = [*pools.INVOICE_TEXTS, *(f" {n}" for n in some), *(f"00{n}" for n in some)]
        tables["visma_business", "invoice_numbers"] = _rows(random, most, number=_any_of(random, texts))
    units = _any_of(random, _handful(random, ("u1", "u2", "u3", None, ""), 4))
    tables["severa", "invoices"] = _with_guids(_rows(random, most, number=number, unit_guid=units), "i")
    tables["severa", "organizationsettings"] = [
        {
            "next_customer_number": number(),
            "next_invoice_number": number(),
            "next_project_number": number(),
            "unique_product_codes": random.choice([None, True, False]),
        }
    ]
    return not_mapped
