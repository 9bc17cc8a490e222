"""All findings of a tenant, and what they mean for it."""

from __future__ import annotations

from typing import Literal

from presync.tenants.entities import ENTITIES
from tests.oracle.entities import RULES, entity_findings
from tests.oracle.model import Finding, Severity, StagedData
from tests.oracle.numbers import number_findings

_ONE_ENTITY = {
    "same_name_other_id": ("customers",),
    "code_shared": ("products",),
    "duplicate_in_system": ("customers", "employees"),
    "name_contained": ("customers",),
    "systems_unrelated": ("customers",),
    "email_missing": ("employees",),
    "name_not_splittable": ("employees",),
}
_BOTH = ("customer_numbering", "invoice_numbering")
_ALL_COUNTERS = (*_BOTH, "projects")
_NUMBER_RULES: dict[str, tuple[Severity, tuple[str, ...]]] = {
    "series_overlap": ("critical", _BOTH),
    "number_in_other_series": ("critical", _ALL_COUNTERS),
    "next_number_taken": ("critical", _ALL_COUNTERS),
    "counter_past_ceiling": ("critical", _ALL_COUNTERS),
    "number_duplicate": ("critical", ("invoice_numbering",)),
    "number_shared_by_units": ("warning", ("invoice_numbering",)),
    "series_nearly_full": ("warning", _ALL_COUNTERS),
    "series_unknown": ("critical", _ALL_COUNTERS),
    "numbers_not_read": ("warning", ("invoice_numbering",)),
}

SEVERITIES: dict[str, Severity] = {
    rule: severity for rule, (severity, _) in {**_NUMBER_RULES, **RULES}.items()
}
SUITES_OF_RULES: dict[str, tuple[str, ...]] = {
    **{rule: suites for rule, (_, suites) in _NUMBER_RULES.items()},
    **{rule: _ONE_ENTITY.get(rule, ENTITIES) for rule in RULES},
}


def findings(data: StagedData) -> list[Finding]:
    """Return every finding, sorted; equal ones as often as they occur."""
    found = list(number_findings(data))
    for entity in ENTITIES:
        found.extend(entity_findings(data, entity))
    return sorted(found)


def status(data: StagedData) -> Literal["ready", "blocked"]:
    """Return the verdict on complete extracts without waivers."""
    return "blocked" if any(finding.severity == "critical" for finding in findings(data)) else "ready"
