"""Short ways to write down an example: a tenant, a few rows, and the findings that a person computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from presync.staging.tables import System
from presync.tenants.model import ENTITIES, Entity, Tenant
from tests.oracle.model import Finding, Row, Severity, StagedData, person_name

_WARNINGS = """
    number_shared_by_units series_nearly_full numbers_not_read code_shared name_differs duplicate_entity
    duplicate_in_system inactive_twin near_duplicate name_contained excluded_but_in_severa code_absent
    group_field_in_use email_missing name_not_splittable name_too_long
"""
WARNINGS = set(_WARNINGS.split())
EXCEPT = {"except": {"field": "Gr3", "value": 1}}


class Example(NamedTuple):
    """Staged data and *all* findings that one rule of one suite must give on it (others may find more)."""

    name: str
    suite: str
    rule: str
    data: StagedData
    expected: tuple[Finding, ...]

    def of(self, found: Sequence[Finding]) -> list[Finding]:
        """Return what the example is about, sorted, out of all findings."""
        return sorted(
            finding for finding in found if (finding.suite, finding.rule) == (self.suite, self.rule)
        )


def tenant(**changes: Any) -> Tenant:
    """Return a tenant with every answer `all`; changes are `transfer__customers="none"` and the like."""
    values: dict[str, Any] = {
        "tenant": "example",
        "title": "Example",
        "visma_business": {"invoice_series": [1]},
        "severa": {},
        "transfer": dict.fromkeys(ENTITIES, "all"),
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = values
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return Tenant.model_validate(values)


PAIR = ((0, 0),)
NOTHING = ()
ONCE = ((None, None),)


def unit(code: str | None, name: str | None, group: int | None = None) -> Row:
    """A department, product or project of Visma Business."""
    return {"code": code, "name": name, "group_value": group}


def project(code: str | None, name: str | None, customer: str | None = None) -> Row:
    """A project of Visma Business with its customer."""
    return {"code": code, "name": name, "customer": customer}


def customer(
    code: str | None, name: str | None, business_no: str | None = None, group: int | None = None
) -> Row:
    """A customer of Visma Business."""
    return {
        "customer_no": code,
        "employee_no": "0",
        "name": name,
        "business_no": business_no,
        "customer_group_value": group,
    }


def employee(
    code: str | None, name: str | None, email: str | None = "some text", group: int | None = None
) -> Row:
    """An employee of Visma Business."""
    return {
        "employee_no": code,
        "customer_no": "0",
        "name": name,
        "email": email,
        "employee_group_value": group,
    }


def severa(name: str | None, register: str, **columns: Any) -> Row:
    """A record of a Severa register."""
    return {"name": name, "register": register, **columns}


def user(code: str | None, first: str | None, last: str | None, email: str | None = None, **more: Any) -> Row:
    """A user of Severa."""
    return {
        "first_name": first,
        "last_name": last,
        "code": code,
        "email": email,
        "register": "users",
        **more,
    }


def there(
    code: str | None, name: str | None, active: bool | None = True, register: str = "businessunits"
) -> Row:
    """A business unit of Severa."""
    return severa(name, register, code=code, is_active=active)


_TABLES: dict[Entity, str] = {"employees": "associates", "customers": "associates"}


def entity_example(
    entity: Entity,
    rule: str,
    name: str,
    *,
    business: Sequence[Row],
    severa: Sequence[Row],
    expected: Sequence[tuple[int | None, int | None]],
    settings: Row | None = None,
    **changes: Any,
) -> Example:
    """Return an example; `expected` names the records by their positions in `business` and `severa`."""
    tables: dict[tuple[System, str], list[Row]] = {
        ("visma_business", _TABLES.get(entity, entity)): list(business),
        ("severa", "organizationsettings"): [settings or {}],
    }
    in_severa = _with_guids(severa)
    _stage(tables, in_severa)
    data = StagedData(tenant(**changes), tables, {"invoice_numbers"})
    findings = tuple(
        _record_finding(entity, rule, None if b is None else business[b], None if s is None else in_severa[s])
        for b, s in expected
    )
    return Example(f"{entity}: {rule}: {name}", entity, rule, data, tuple(sorted(findings)))


def cases(entity: Entity, rule: str, *rows: tuple[Any, ...]) -> list[Example]:
    """Return examples of one rule: (name, business, severa, expected) and, if any, changes by keyword."""
    examples = []
    for name, business, severa, expected, *changes in rows:
        more = changes[0] if changes else {}
        example = entity_example(
            entity, rule, name, business=business, severa=severa, expected=expected, **more
        )
        examples.append(example)
    return examples


def _record_finding(entity: Entity, rule: str, business: Row | None, severa: Row | None) -> Finding:
    finding = Finding(entity, rule, severity(rule))
    if business is not None:
        column = {"customers": "customer_no", "employees": "employee_no"}.get(entity, "code")
        finding = finding._replace(business_code=business[column], business_name=business["name"] or "")
    if severa is not None:
        code = severa.get("code", severa.get("number"))
        is_user = severa["register"] == "users"
        name = person_name(severa["first_name"], severa["last_name"]) if is_user else severa["name"]
        finding = finding._replace(
            severa_guid=severa["guid"],
            severa_register=severa["register"],
            severa_code="" if code is None else str(code),
            severa_name=name or "",
        )
    return finding


def severity(rule: str) -> Severity:
    """Return a rule's severity."""
    return "warning" if rule in WARNINGS else "critical"


def number_data(
    *,
    customer_series: Sequence[tuple[int | None, ...]] | None = ((1, 1, 9_999),),
    vouchers: Sequence[tuple[str | None, int | None, int | None, int | None]] = (("1", 1, 1, 9_999),),
    counters: tuple[int | None, int | None, int | None] = (20_000, 20_000, 20_000),
    customers: Sequence[Row] = (),
    severa_customers: Sequence[Row] = (),
    projects: Sequence[Row] = (),
    severa_projects: Sequence[Row] = (),
    invoices: Sequence[tuple[int | None, str | None]] = (),
    invoice_texts: Sequence[str | None] | None = None,
    **changes: Any,
) -> StagedData:
    """Return data about numbers, without a finding unless something is changed.

    `customer_series` are (account class, first, last) or None where the table was not found, `vouchers`
    (key, first, next, last), `counters` the next customer, invoice and project number, `invoices` (number,
    unit), `invoice_texts` the invoice numbers of Visma Business or None where they are not mapped.
    """
    if invoice_texts is not None:
        changes["visma_business__invoices"] = {"table": "CustTr", "number": "InvoNo"}
    tables: dict[tuple[System, str], list[Row]] = {
        ("visma_business", "customer_series"): _named(
            ("account_class", "first", "last"), customer_series or ()
        ),
        ("visma_business", "voucher_series"): _named(("key", "first", "next", "last"), vouchers),
        ("visma_business", "associates"): list(customers),
        ("visma_business", "projects"): list(projects),
        ("visma_business", "invoice_numbers"): [{"number": text} for text in invoice_texts or ()],
        ("severa", "invoices"): _with_guids(_named(("number", "unit_guid"), invoices)),
        ("severa", "organizationsettings"): _named(
            ("next_customer_number", "next_invoice_number", "next_project_number"), [counters]
        ),
    }
    _stage(tables, _with_guids([*severa_customers, *severa_projects]))
    not_mapped = {"customer_series"} if customer_series is None else set()
    if invoice_texts is None:
        not_mapped.add("invoice_numbers")
    return StagedData(tenant(**changes), tables, not_mapped)


def _named(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Row]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _with_guids(rows: Sequence[Row]) -> list[Row]:
    return [{"guid": f"guid-{index}", **row} for index, row in enumerate(rows)]


def _stage(tables: dict[tuple[System, str], list[Row]], rows: Sequence[Row]) -> None:
    for row in rows:
        staged = {column: value for column, value in row.items() if column != "register"}
        tables.setdefault(("severa", row["register"]), []).append(staged)


def number_example(
    suite: str, rule: str, name: str, expected: Sequence[tuple[int | str, int | str]], **parts: Any
) -> Example:
    """Return an example on numbers; `expected` are (first, last), `parts` those of `number_data`."""
    findings = [
        Finding(suite, rule, severity(rule), first=str(first), last=str(last)) for first, last in expected
    ]
    return Example(f"{suite}: {rule}: {name}", suite, rule, number_data(**parts), tuple(sorted(findings)))
