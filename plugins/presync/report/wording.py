"""The words in which the report speaks: one place, so that pages, lists and links say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from presync.languages.cldr import moment, number
from presync.languages.said_again import said_again
from presync.languages.texts import Words, marked, tr
from presync.rules.suite import rule_statements
from presync.staging.tables import SYSTEMS

SUITES: Final[Mapping[str, str]] = Words(
    {
        "customer_numbering": marked("Customer number series"),
        "invoice_numbering": marked("Invoice number series"),
        "departments": marked("Departments"),
        "products": marked("Products and work types"),
        "employees": marked("Employees"),
        "customers": marked("Customers"),
        "projects": marked("Projects and sales cases"),
    }
)
ENTITIES: Final[Mapping[str, str]] = Words(
    {entity: SUITES[entity] for entity in ("departments", "products", "employees", "customers", "projects")}
)
FIX_IN: Final[Mapping[str, str]] = Words(
    {
        "visma_business": marked("Visma Business"),
        "severa": marked("Severa"),
        "either": marked("Visma Business or Severa"),
        "presync": marked("Presync's tenant file"),
    }
)
REGISTERS: Final[Mapping[str, str]] = Words(
    {
        "worktypes": marked("work type"),
        "travelexpensetypes": marked("travel expense type"),
        "salescases": marked("sales case"),
    }
)
OUTCOMES: Final[Mapping[str, str]] = Words(
    {
        "link": marked("Linked"),
        "create_in_severa": marked("Created in Severa"),
        "create_in_visma_business": marked("Created in Visma Business"),
        "excluded": marked("Excluded"),
        "not_transferred": marked("Not transferred"),
        "blocked": marked("Blocked"),
    }
)
CAUSES: Final[Mapping[str, str]] = Words(
    {
        "partners": marked("equal numbers, same or alike"),
        "same_code": marked("equal numbers under different names"),
        "no_counterpart": marked("no counterpart"),
        "excluded": marked("marked by the Group field"),
        "inactive": marked("inactive or closed in Severa"),
        "answer_none": marked("the answer is none"),
        "no_email": marked("no e-mail address"),
    }
)
SHEETS: Final[Mapping[str, str]] = Words(
    {
        "businessunits": marked("Business units"),
        "products": marked("Products"),
        "worktypes": marked("Work types"),
        "travelexpensetypes": marked("Travel expense types"),
        "users": marked("Users"),
        "customers": marked("Customers"),
        "projects": marked("Projects"),
        "salescases": marked("Sales cases"),
        "organizationsettings": marked("Counters, in the organisation's settings"),
        "tenant": marked("Tenant file"),
        "by_hand": marked("Findings that a person must decide, with the reason"),
    }
)
FIELDS: Final[Mapping[str, str]] = Words(
    {
        "name": marked("Name"),
        "business_id": marked("Business id"),
        "email": marked("E-mail"),
        "active": marked("Active or inactive"),
        "customer": marked("Customer"),
    }
)
WINS: Final[Mapping[str, str]] = Words(
    {
        "visma_business": marked("Visma Business overwrites Severa"),
        "severa": marked("Severa overwrites Visma Business"),
        "both": marked("The last change overwrites the other side, both ways"),
        "unknown": marked("Not known: the tenant file does not say which system is master"),
    }
)
SERIES: Final = (
    marked("customer number series"),
    marked("next customer number"),
    marked("invoice series"),
    marked("invoice series of unit {unit}"),
    marked("voucher series {key}"),
    marked("nextCustomerNumber"),
    marked("nextInvoiceNumber"),
    marked("nextProjectNumber"),
    marked("Severa's counter from here on"),
)
"""What a series is called in a run's data, as templates."""
# as verdict/waivers.py and reconcile/sql/confirmed.sql write them
_STATES: Final = (
    marked("in force"),
    marked("no such finding in this run"),
    marked("lapsed: the finding is of rule {rule}"),
    marked("without effect: this rule cannot be waived"),
    marked("lapsed: it ended on {day}"),
    marked("without effect: {day} is further ahead than PRESYNC_WAIVER_DAYS allows"),
    marked("lapsed: the records have other values than those it was given for"),
    marked("no such record"),
    marked("several records"),
    marked("names changed"),
    marked("ids changed"),
    marked("not known"),
)
# what most runs that could not check everything say, as verdict/evidence.py and sources/severa write it
_ERRORS: Final = (
    marked(
        "There is no result of this suite that belongs to this run's data, so it counts as not checked. Look "
        "at the suite's task in the DAG run, then run it again."
    ),
    marked("because of that, not checked in this run: {steps}."),
    marked(
        "{product} was never completed in this run and nobody could say why (a killed worker?): it counts as "
        "not checked. Look at its task, and run it again."
    ),
    marked(
        "tenant {tenant}: Severa refuses the credentials of the connection ({status}). Nothing can be read. "
        "Check client id and client secret, and that the API client has been granted these scopes: {scopes}."
    ),
)
VERDICTS: Final[Mapping[str, str]] = Words(
    {"ready": marked("Ready"), "blocked": marked("Blocked"), "error": marked("Could not be checked")}
)
SEVERITIES: Final[Mapping[str, str]] = Words(
    {
        "critical": marked("Critical: blocks the start"),
        "warning": marked("Warning: advises"),
    }
)
SUITE_STATUS: Final[Mapping[str, str]] = Words(
    {
        "passed": marked("Passed"),
        "failed": marked("Blocks the start"),
        "error": marked("Could not be checked"),
    }
)


def verdict_title(status: str, gate: Mapping[str, Any]) -> str:
    """Return what a verdict comes to, now that the gate has decided or has not.

    >>> verdict_title("ready", {"state": "open", "until": "2026-11-24T04:16:00+00:00"})
    'Ready until 2026-11-24 04:16 UTC'
    """
    if status != "ready":
        return VERDICTS.get(status, VERDICTS["error"])
    if gate.get("state") == "open":
        return tr("Ready until %(time)s", time=moment(gate.get("until")))
    return (
        tr("No longer ready: expired") if gate.get("state") == "expired" else tr("The gate has not decided")
    )


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
    return tr(statement.problem if statement else title)


def unchecked(source: str) -> str:
    """Return what an error of a source comes to, for people whom its message does not speak to."""
    if source in SYSTEMS:
        name = source_title(source)
        return tr("%(name)s could not be read completely, so it was not checked.", name=name)
    if source in SUITES:
        return tr("This suite could not be checked completely.")
    if source == "systems":
        return tr("It is not certain that both systems belong to the same company.")
    return tr("A step of the check was not completed.")


def error_words(message: str) -> str:
    """Return what an error says: what a customer meets most often is translated, anything else is English."""
    return said_again(message, _ERRORS, {"steps": _steps})


def _steps(names: str) -> str:
    both = {"how the two fit together": tr("how the two fit together")}
    return ", ".join(
        both.get(name) or SUITES.get(name.replace(" ", "_")) or name for name in names.split(", ")
    )


def standing(state: str) -> str:
    """Return how a waiver or a confirmed pair fares, as a run's data have it."""
    return said_again(state, _STATES)


def series_title(label: str) -> str:
    """Return what a series of a run's data is called; a name that Presync did not give stays as it is."""
    return said_again(label, SERIES)


def sheet_title(name: str) -> str:
    """Return what a fix file is about: a register of Severa, or a table of Visma Business by its own name."""
    return SHEETS[name] if name in SHEETS else tr("Table %(name)s", name=name)


def fix_in_title(fix_in: str) -> str:
    """Return where a finding is fixed, in words; a value unknown here is shown as it is."""
    return FIX_IN.get(fix_in) or fix_in or tr("Not said")


def found(count: int | None, status: str) -> str:
    """Return a count of findings; where not all was checked it is a floor, and none found is no zero.

    >>> found(0, "passed"), found(0, "error"), found(3, "error")
    ('0', '–', '3 or more')
    """
    if status == "error":
        return tr("%(n)s or more", n=number(count)) if count else "–"
    return number(count)


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    >>> plural(1, "finding"), plural(2, "finding"), plural(0, "entry", "entries")
    ('1 finding', '2 findings', '0 entries')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
