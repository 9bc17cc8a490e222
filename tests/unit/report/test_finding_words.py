"""A finding's text is translated with its own values; what fits no template stays as it is."""

from __future__ import annotations

from presync.languages.speaking import speaking
from presync.report.files.findings import RuleFindings
from presync.report.finding_words import translated_summary
from tests.support import report_samples as samples

FIX = (
    "In Severa, change the number of “A {b} “c””” from 007 to 12. (Codes in Visma Business cannot be edited.)"
)
KEPT = "(Koder i Visma Business kan ikke endres.)"


def fixes(language: str, *texts: str) -> list[str]:
    found = RuleFindings("critical")
    for number, text in enumerate(texts):
        found.add(samples.finding(number, "customers", "code_mismatch", fix=text))
    with speaking(language):
        summary = translated_summary({("customers", "code_mismatch"): found})
    return [finding["fix"] for finding in summary["customers", "code_mismatch"].samples]


def test_a_fix_is_said_with_its_own_values() -> None:
    said = f"Endre nummeret til «A {{b}} “c””» i Severa fra 007 til 12. {KEPT}"
    assert fixes("nb", FIX, "Do something else.", "") == [said, "Do something else.", ""]
    assert fixes("en", FIX) == [FIX]
