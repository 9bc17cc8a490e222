"""A finding's text is translated with its own values; what fits no template stays as it is.

Covers: report/reason_words.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import presync
from presync.languages.speaking import speaking
from presync.languages.texts import English
from presync.report.files.findings import RuleFindings
from presync.report.finding_words import _VALUES, translated_summary
from presync.report.reason_words import reason_words
from tests.support import report_samples as samples

ROOT = Path(presync.__path__[0])
SQL = [*ROOT.rglob("*.sql"), ROOT / "rules/findings_writer.py"]
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


def test_what_is_wrong_is_said_too_and_so_are_presyncs_own_words_in_it() -> None:
    found = RuleFindings("critical")
    why = "their business ids are equal: 1 in Visma Business (BsNo), 1 in Severa (vatNumber)"
    which = "7 “A” in Visma Business and “A” (without code) in Severa"
    text = f"{which} are the same ({why}), but their codes differ."
    for number, message in enumerate((text, "Of no rule.")):
        found.add(samples.finding(number, "customers", "code_mismatch", message=message))
    with speaking("fi"):
        said, unknown = translated_summary({("customers", "code_mismatch"): found}).popitem()[1].samples
    ids = "Y-tunnukset ovat samat: 1 Visma Businessissa (BsNo), 1 Severassa (vatNumber)"
    both = "7 ”A” Visma Businessissa ja ”A” (ei koodia) Severassa"
    assert said["message"] == f"{both} ovat sama ({ids}), mutta niiden koodit eroavat."
    assert isinstance(unknown["message"], English)
    assert not isinstance(said["message"], English)


def test_every_word_of_presync_in_a_finding_is_one_that_the_sql_writes() -> None:
    sql = "".join(path.read_text(encoding="utf-8").replace("''", "'") for path in SQL)
    for template in {each for values in _VALUES.values() if not callable(values) for each in values}:
        for literal, *_ in Formatter().parse(template):
            assert all(part.strip() in sql for part in re.split(r" ?\(|[“”]", literal)), literal


def test_a_reason_is_said_sentence_by_sentence_or_as_a_findings_message() -> None:
    linked = "Equal numbers, and the same. 1 more in Severa with this number. Findings block the other one."
    with speaking("nb"):
        assert reason_words(linked) == (
            "Like numre, og samme post. 1 til i Severa med dette nummeret. Funn stopper den andre."
        )
        unknown = reason_words("Somebody said so. (2 findings.)")
        assert (unknown, type(unknown)) == ("Somebody said so. (2 findings.)", English)
    assert reason_words(linked) == linked
