"""Why nothing is proposed for a finding that no other reason was found for."""

from __future__ import annotations

from typing import Final

from presync.fixes.model import Finding

_REASONS: Final = {
    "decision_missing": "only the customer can answer the question",
    "ambiguous_match": "several records come into question: a person must say which belong together",
    "same_name_other_id": "one company or two: only a person can find out",
    "series_unknown": "the tenant file must say where the series is",
    "number_duplicate": "issued invoices keep their numbers: an accountant credits and re-issues all but one",
    "code_duplicate": "codes of Visma Business cannot be edited: a person decides which record stays",
    "code_not_transferable": "codes of Visma Business cannot be edited: a person decides whether "
    "it must transfer",
    "number_in_other_series": "issued invoices keep their numbers: the series of Visma Business must begin "
    "beyond them",
    "series_overlap": "business units number their invoices themselves, and Severa has no setting for that: "
    "give the series in Visma Business another end or beginning",
}


def why_by_hand(finding: Finding) -> str:
    """Return why a person must see to a finding."""
    return _REASONS.get(finding.rule, "no change was found that mends this and creates nothing else")
