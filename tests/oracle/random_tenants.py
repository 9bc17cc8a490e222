"""Hypothesis strategies: small tenants from tiny alphabets, in which everything that can collide does.

Each tenant takes a handful of values from the pools first and draws all its rows from these, so that eight
rows a side are enough for shared codes, ambiguous names, touching series and all their combinations.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

from presync.staging.tables import System
from presync.tenants import ENTITIES, Tenant
from tests.oracle import pools
from tests.oracle.model import Row, StagedData

T = TypeVar("T")
Rows = st.SearchStrategy[list[Row]]
Tables = dict[tuple[System, str], list[Row]]

NUMBERINGS = ("customer_numbering", "invoice_numbering")
SUITES = (*NUMBERINGS, *ENTITIES)
MOST_ROWS = 8


@st.composite
def staged_tenants(draw: st.DrawFn, suites: Collection[str] = SUITES, most: int = MOST_ROWS) -> StagedData:
    """Draw both extracts of a tenant; only what the named suites read is filled, `most` rows a register."""
    tenant = draw(tenants())
    tables: Tables = {}
    if "departments" in suites:
        tables |= draw(_departments(tenant, most))
    if "products" in suites:
        tables |= draw(_products(most))
    if "projects" in suites:
        tables |= draw(_projects(tenant, most))
    if {"customers", "employees", "customer_numbering"} & set(suites):
        tables |= draw(_associates(most, suites))
    not_mapped = draw(_series(tenant, tables, most if set(NUMBERINGS) & set(suites) else 0))
    return StagedData(tenant, tables, not_mapped)


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    """Draw a tenant: every answer, both kinds of R tables, with and without the optional parts."""
    units = draw(st.permutations(["R1", "R3", "R7", "R12"]))
    ceilings = st.none() | st.sampled_from([n for n in (*pools.NUMBERS, *pools.EDGE_NUMBERS) if n > 0])
    kinds = ("customer", "invoice", "project")
    return Tenant.model_validate(
        {
            "tenant": "drawn",
            "title": "Drawn",
            "visma_business": {
                "departments": {"table": units[0]},
                "projects": {"table": units[1], "customer": draw(st.sampled_from([None, "CustNo"]))},
                "customer_series": draw(st.sampled_from([{}, {}, {}, "none"])),
                "invoice_series": draw(_INVOICE_SERIES),
                "invoices": draw(st.sampled_from([None, {"table": "CustTr", "number": "InvoNo"}])),
            },
            "severa": {f"{kind}_number_ceiling": draw(ceilings) for kind in kinds},
            "transfer": {entity: draw(_ANSWERS) for entity in ENTITIES},
        }
    )


_EXCLUSIONS = st.builds(
    lambda field, value: {"except": {"field": field, "value": value}},
    st.sampled_from(["Gr", "Gr5"]),
    st.sampled_from([1, 1, 2, 0]),
)
_ANSWERS = st.one_of(st.sampled_from(["all", "none", None]), _EXCLUSIONS, _EXCLUSIONS)
_INVOICE_SERIES = st.sampled_from([[1], [1], ["A"], [1, "A"], [1, "1", " 2 "], []])
_GROUPS = st.sampled_from([None, 0, 1, 1, 2])
_FLAGS = st.sampled_from([None, True, True, False])
_NAME_AND_CODE = {"name": "name", "code": "code"}


@dataclass(frozen=True)
class _Alphabet:
    """The handful of values from which one tenant's records of one kind are drawn."""

    names: st.SearchStrategy[str | None]
    codes: st.SearchStrategy[str | None]
    numbers: st.SearchStrategy[int | None]
    distinct: bool  # codes shall rarely repeat within a register, so that partners come about

    def rows(self, most: int, code: str, /, **columns: st.SearchStrategy[Any]) -> Rows:
        """Rows with a name and these columns; `code` is the one that shall not repeat where `distinct` is."""
        rows = _rows(most, name=self.names, **columns)
        if not self.distinct:
            return rows
        return rows.map(lambda drawn: list({row[code]: row for row in drawn}.values()))

    def number_texts(self) -> st.SearchStrategy[str | None]:
        """Numbers as Visma Business integers are staged: decimal text."""
        return self.numbers.map(lambda number: None if number is None else str(number))


def _handful(values: Sequence[T], most: int = 4) -> st.SearchStrategy[list[T]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


@st.composite
def _alphabets(draw: st.DrawFn) -> _Alphabet:
    families = draw(_handful(pools.NAMES, 2))
    names = [name for family in families for name in draw(_handful(family, 4))]
    distinct = draw(st.booleans())
    codes = draw(_handful(pools.TEXT_CODES, 8 if distinct else 4))
    numbers = draw(_handful(pools.NUMBERS, 8 if distinct else 3)) + draw(
        st.lists(st.sampled_from((*pools.EDGE_NUMBERS, *pools.BEYOND_BUSINESS)), max_size=1)
    )
    return _Alphabet(
        names=_mostly(names, pools.BLANK_NAMES),
        codes=_mostly(codes, pools.NO_CODES),
        numbers=_mostly(numbers, (None, 0)),
        distinct=distinct,
    )


def _mostly(values: Sequence[T], rare: Sequence[T]) -> st.SearchStrategy[T]:
    """Draw from `values`, and one time in eight from `rare`."""
    usual = st.sampled_from(values)
    return st.one_of(*[usual] * 7, st.sampled_from(rare))


@st.composite
def _rows(draw: st.DrawFn, /, most: int, **columns: st.SearchStrategy[Any]) -> list[Row]:
    # the size is drawn first, because lists on their own are mostly empty or of one row
    size = min(most, draw(_SIZES))
    return [{name: draw(column) for name, column in columns.items()} for _ in range(size)]


_SIZES = st.sampled_from([0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8])


def _with_guids(rows: list[Row], prefix: str) -> list[Row]:
    return [{"guid": f"{prefix}{index}", **row} for index, row in enumerate(rows)]


def _with_twins(
    draw: st.DrawFn, rows: list[Row], originals: list[Row], columns: Mapping[str, str]
) -> list[Row]:
    """Copy some values of random `originals` into about half of the rows: `columns` says from where to where.

    Independent rows rarely agree in one thing and differ in another, which is what most rules are about.
    """
    if not originals:
        return rows
    return [_twin(draw, row, originals, columns) if draw(st.booleans()) else row for row in rows]


def _twin(draw: st.DrawFn, row: Row, originals: list[Row], columns: Mapping[str, str]) -> Row:
    original = draw(st.sampled_from(originals))
    copied = {}
    for column, source in columns.items():
        if draw(st.sampled_from([True, True, False])):
            copied[column] = _number(original[source]) if column in _NUMBER_COLUMNS else original[source]
    return row | copied


_NUMBER_COLUMNS = {"number", "customer_number"}


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("-?[0-9]{1,18}", text) else None


def _business_codes(alphabet: _Alphabet, table: str) -> st.SearchStrategy[str | None]:
    """Codes as the R table's key type allows them: decimals in R1 to R6, any text in R7 to R12."""
    if int(table.removeprefix("R")) <= 6:
        return alphabet.number_texts()
    return st.one_of(alphabet.codes, alphabet.number_texts())


@st.composite
def _departments(draw: st.DrawFn, tenant: Tenant, most: int) -> Tables:
    alphabet = draw(_alphabets())
    codes = _business_codes(alphabet, tenant.visma_business.departments.table)
    either = st.one_of(alphabet.codes, alphabet.number_texts())
    business = draw(alphabet.rows(most, "code", code=codes, group_value=_GROUPS))
    units = draw(alphabet.rows(most, "code", code=either, is_active=_FLAGS))
    return {
        ("visma_business", "departments"): business,
        ("severa", "businessunits"): _with_guids(_with_twins(draw, units, business, _NAME_AND_CODE), "b"),
    }


@st.composite
def _products(draw: st.DrawFn, most: int) -> Tables:
    alphabet = draw(_alphabets())
    business = draw(alphabet.rows(most, "code", code=alphabet.codes, group_value=_GROUPS))
    tables: Tables = {("visma_business", "products"): business}
    for register in ("products", "worktypes", "travelexpensetypes"):
        rows = draw(alphabet.rows(most, "code", code=alphabet.codes, is_active=_FLAGS))
        twins = _with_twins(draw, rows, business, _NAME_AND_CODE)
        tables["severa", register] = _with_guids(twins, register[0])
    return tables


@st.composite
def _projects(draw: st.DrawFn, tenant: Tenant, most: int) -> Tables:
    alphabet = draw(_alphabets())
    codes = _business_codes(alphabet, tenant.visma_business.projects.table)
    mapped = tenant.visma_business.projects.customer is not None
    texts = st.sampled_from([None, "0", "", "7", "7", " 7 ", "8", "A"]) if mapped else st.none()
    business = draw(alphabet.rows(most, "code", code=codes, customer=texts, group_value=_GROUPS))
    numbers = st.sampled_from([None, 0, 7, 7, 8])
    rows = alphabet.rows(most, "number", number=alphabet.numbers, customer_number=numbers, is_closed=_FLAGS)
    columns = {"name": "name", "number": "code", "customer_number": "customer"}
    projects, cases = (_with_twins(draw, draw(rows), business, columns) for _ in range(2))
    return {
        ("visma_business", "projects"): business,
        ("severa", "projects"): _with_guids(projects, "p"),
        # a won sale is in both registers under one guid
        ("severa", "salescases"): [
            {"guid": f"{draw(st.sampled_from('ps'))}{index}", **row} for index, row in enumerate(cases)
        ],
    }


@st.composite
def _associates(draw: st.DrawFn, most: int, suites: Collection[str]) -> Tables:
    alphabet = draw(_alphabets())
    families = draw(_handful(pools.BUSINESS_IDS, 2))
    some_ids = _mostly([text for family in families for text in draw(_handful(family, 3))], pools.BLANK_IDS)
    emails = st.sampled_from(draw(_handful(pools.EMAILS, 5)))
    persons = "employees" in suites
    companies = bool({"customers", "customer_numbering"} & set(suites))
    numbers = alphabet.number_texts()
    associates = alphabet.rows(
        most,
        "customer_no" if companies else "employee_no",
        customer_no=numbers if companies else st.just("0"),
        employee_no=st.one_of(numbers, st.sampled_from(["0", None])) if persons else st.just("0"),
        delivery_to=st.sampled_from([None, 0, 0, 0, 5]),
        business_no=some_ids,
        email=emails,
        customer_group_value=_GROUPS,
        employee_group_value=_GROUPS,
    )
    rows = draw(associates)
    codes = st.one_of(alphabet.codes, numbers)
    users = alphabet.rows(
        most if persons else 0, "code", code=codes, whole=st.booleans(), email=emails, is_active=_FLAGS
    )
    customers = alphabet.rows(
        most if companies else 0, "number", number=alphabet.numbers, is_active=_FLAGS, vat_number=some_ids
    )
    user_twins = _with_twins(
        draw, draw(users), rows, {"name": "name", "code": "employee_no", "email": "email"}
    )
    customer_twins = _with_twins(
        draw,
        draw(customers),
        rows,
        {"name": "name", "number": "customer_no", "vat_number": "business_no"},
    )
    return {
        ("visma_business", "associates"): [{"act_no": str(i), **row} for i, row in enumerate(rows, start=1)],
        ("severa", "users"): _with_guids([_user(row) for row in user_twins], "u"),
        ("severa", "customers"): _with_guids(customer_twins, "c"),
    }


def _user(row: Row) -> Row:
    """Make a person of a row with a name: all of it the last name, or split at its last blank."""
    name, whole = row.pop("name"), row.pop("whole")
    first, _, last = (name or "").rpartition(" ")
    names = {"first_name": None, "last_name": name} if whole else {"first_name": first, "last_name": last}
    return names | row


@st.composite
def _series(
    draw: st.DrawFn, tenant: Tenant, tables: dict[tuple[System, str], list[Row]], most: int
) -> set[str]:
    """Add series, counters and invoices to the tables; return what the tenant does not map."""
    some = draw(_handful(pools.NUMBERS, 6)) + draw(st.lists(st.sampled_from(pools.EDGE_NUMBERS), max_size=1))
    numbers = _mostly(some, (None, 0))
    mapped = tenant.visma_business
    not_mapped = set()
    if mapped.customer_series == "none" or draw(st.integers(0, 7)) == 7:
        not_mapped.add("customer_series")
    else:
        classes = st.sampled_from([1, 1, 1, 2, None])
        intervals = _rows(min(most, 4), account_class=classes, first=numbers, last=numbers)
        tables["visma_business", "customer_series"] = draw(intervals)
    if mapped.invoice_series:
        keys = st.sampled_from(["1", "1", "1", " 1 ", "2", "A", "A", "a", "01", None])
        vouchers = _rows(min(most, 4), key=keys, first=numbers, next=numbers, last=numbers)
        tables["visma_business", "voucher_series"] = draw(vouchers)
    else:
        not_mapped.add("voucher_series")
    if mapped.invoices is None:
        not_mapped.add("invoice_numbers")
    else:
        texts = st.sampled_from([*pools.INVOICE_TEXTS, *(f" {n}" for n in some), *(f"00{n}" for n in some)])
        tables["visma_business", "invoice_numbers"] = draw(_rows(most, number=texts))
    units = st.sampled_from(draw(_handful(("u1", "u2", "u3", None, ""), 4)))
    tables["severa", "invoices"] = _with_guids(draw(_rows(most, number=numbers, unit_guid=units)), "i")
    tables["severa", "organizationsettings"] = [
        {
            "next_customer_number": draw(numbers),
            "next_invoice_number": draw(numbers),
            "next_project_number": draw(numbers),
            "unique_product_codes": draw(_FLAGS),
        }
    ]
    return not_mapped
