"""The words in which the report speaks: one place, so that pages, lists and links say the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from presync.rules.suite import rule_statements

SUITES: Final[Mapping[str, str]] = {
    "customer_numbering": "Customer number series",
    "invoice_numbering": "Invoice number series",
    "departments": "Departments",
    "products": "Products and work types",
    "employees": "Employees",
    "customers": "Customers",
    "projects": "Projects and sales cases",
}
ENTITIES: Final[Mapping[str, str]] = {
    entity: SUITES[entity] for entity in ("departments", "products", "employees", "customers", "projects")
}
FIX_IN: Final[Mapping[str, str]] = {
    "visma_business": "Visma Business",
    "severa": "Severa",
    "either": "Visma Business or Severa",
    "presync": "Presync's tenant file",
}
REGISTERS: Final[Mapping[str, str]] = {
    "worktypes": "work type",
    "travelexpensetypes": "travel expense type",
    "salescases": "sales case",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "link": "Linked",
    "create_in_severa": "Created in Severa",
    "create_in_visma_business": "Created in Visma Business",
    "excluded": "Excluded",
    "not_transferred": "Not transferred",
    "blocked": "Blocked",
}
CAUSES: Final[Mapping[str, str]] = {
    "partners": "equal numbers, same or alike",
    "same_code": "equal numbers under different names",
    "no_counterpart": "no counterpart",
    "excluded": "marked by the Group field",
    "inactive": "inactive or closed in Severa",
    "answer_none": "the answer is none",
    "no_email": "no e-mail address",
}
SHEETS: Final[Mapping[str, str]] = {
    "businessunits": "Business units",
    "products": "Products",
    "worktypes": "Work types",
    "travelexpensetypes": "Travel expense types",
    "users": "Users",
    "customers": "Customers",
    "projects": "Projects",
    "salescases": "Sales cases",
    "organizationsettings": "Counters, in the organisation's settings",
    "tenant": "Tenant file",
    "by_hand": "Findings that a person must decide, with the reason",
}
FIELDS: Final[Mapping[str, str]] = {
    "name": "Name",
    "business_id": "Business id",
    "email": "E-mail",
    "active": "Active or inactive",
    "customer": "Customer",
}
WINS: Final[Mapping[str, str]] = {
    "visma_business": "Visma Business overwrites Severa",
    "severa": "Severa overwrites Visma Business",
    "both": "The last change overwrites the other side, both ways",
    "unknown": "Not known: the tenant file does not say which system is master",
}
VERDICTS: Final[Mapping[str, str]] = {"ready": "Ready", "blocked": "Blocked", "error": "Could not be checked"}
SEVERITIES: Final[Mapping[str, str]] = {
    "critical": "Critical: blocks the start",
    "warning": "Warning: advises",
}
SUITE_STATUS: Final[Mapping[str, str]] = {
    "passed": "Passed",
    "failed": "Blocks the start",
    "error": "Could not be checked",
}


def verdict_title(status: str, gate: Mapping[str, Any]) -> str:
    """Return what a verdict comes to, now that the gate has decided or has not.

    >>> verdict_title("ready", {"state": "open", "until": "2026-11-24T04:16:00+00:00"})
    'Ready until 2026-11-24 04:16 UTC'
    """
    if status != "ready":
        return VERDICTS.get(status, VERDICTS["error"])
    if gate.get("state") == "open":
        return f"Ready until {moment(gate.get('until'))}"
    return "No longer ready: expired" if gate.get("state") == "expired" else "The gate has not decided"


def source_title(source: str) -> str:
    """Return how a person knows the source of an error: a system's, a suite's or a step's name."""
    known = {
        **SUITES,
        "visma_business": "Visma Business",
        "severa": "Severa",
        "presync": "Presync",
        "systems": "The two systems",
    }
    return known.get(source, source.replace("_", " "))


def cause_title(cause: str) -> str:
    """Return why a record has its outcome, in words; a rule that blocks is named by what it found."""
    problem = problem_title(cause, cause.replace("_", " "))
    return CAUSES.get(cause) or problem[0].lower() + problem[1:]


def problem_title(rule: str, title: str) -> str:
    """Return what is wrong where a rule finds something; for one unknown here `title`, how it should be."""
    statement = rule_statements().get(rule)
    return statement.problem if statement else title


def sheet_title(name: str) -> str:
    """Return what a fix file is about: a register of Severa, or a table of Visma Business by its own name."""
    return SHEETS.get(name, f"Table {name}")


def fix_in_title(fix_in: str) -> str:
    """Return where a finding is fixed, in words; a value unknown here is shown as it is."""
    return FIX_IN.get(fix_in, fix_in or "Not said")


def number(value: int | None) -> str:
    """Return a count with its thousands apart, or a dash for one that nobody made.

    >>> number(1234567)
    '1\\xa0234\\xa0567'
    """
    return "–" if value is None else f"{value:,}".replace(",", "\u00a0")


def found(count: int | None, status: str) -> str:
    """Return a count of findings; where not all was checked it is a floor, and none found is no zero.

    >>> found(0, "passed"), found(0, "error"), found(3, "error")
    ('0', '–', '3 or more')
    """
    if status == "error":
        return f"{number(count)} or more" if count else "–"
    return number(count)


def moment(value: str | None) -> str:
    """Return an ISO time in UTC as people write it; what is no time is shown as it is.

    >>> moment("2026-11-23T05:15:59+01:00")
    '2026-11-23 04:15 UTC'
    """
    if not value:
        return "–"
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return value
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return parsed.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    >>> plural(1, "finding"), plural(2, "finding"), plural(0, "entry", "entries")
    ('1 finding', '2 findings', '0 entries')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
