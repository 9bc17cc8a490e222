"""Which rules each suite must state: what a suite leaves out would not be checked, so that is an error.

The rules themselves (conditions, thresholds, severities, wording) are in `expectations/<suite>.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SUITES: Final = (
    "customer_numbering",
    "invoice_numbering",
    "departments",
    "products",
    "employees",
    "customers",
    "projects",
)
_SERIES: Final = frozenset(
    {
        "number_in_other_series",
        "next_number_taken",
        "counter_past_ceiling",
        "series_nearly_full",
        "series_unknown",
    }
)
_ENTITY: Final = frozenset(
    {
        "decision_missing",
        "code_mismatch",
        "code_missing",
        "ambiguous_match",
        "code_conflict",
        "code_duplicate",
        "code_not_transferable",
        "name_differs",
        "duplicate_entity",
        "inactive_twin",
        "near_duplicate",
        "excluded_but_in_severa",
        "code_absent",
        "group_field_in_use",
        "name_too_long",
    }
)
RULES: Final[Mapping[str, frozenset[str]]] = {
    "customer_numbering": _SERIES | {"series_overlap"},
    "invoice_numbering": _SERIES
    | {"series_overlap", "number_duplicate", "number_shared_by_units", "numbers_not_read"},
    "departments": _ENTITY,
    "products": _ENTITY | {"code_shared"},
    "employees": _ENTITY | {"duplicate_in_system", "email_missing", "name_not_splittable"},
    "customers": _ENTITY
    | {"duplicate_in_system", "same_name_other_id", "name_contained", "systems_unrelated"},
    "projects": _ENTITY | _SERIES,
}
