"""What a person is asked before a start."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from presync.gate.question import question, subject
from presync.languages.speaking import PSEUDO
from presync.tenants.model import Tenant
from tests.support.untranslated import untranslated

TENANT = Tenant(tenant="nordlys", title="Nordlys [x](http://evil.test)")
ENDS = datetime(2026, 11, 30, 4, 16, tzinfo=UTC)
TOLD = {
    "preview": {
        "customers": {"link": 1348, "create_in_severa": 12, "excluded": 20, "not_transferred": 4},
        "projects": {"link": 0, "create_in_visma_business": 3},
    },
    "suites": [{"suite": "customers", "warning": 37}, {"suite": "projects", "warning": 0}],
}


def asked(bound: dict[str, Any] | None = None, told: Any = TOLD, **keys: Any) -> str:
    tenant = TENANT.model_copy(update=Tenant.model_validate({**TENANT.model_dump(), **keys}).__dict__)
    return question(tenant, bound or {}, ENDS, {"Report": "https://airflow.test/presync/r"}, told)


def test_it_says_in_numbers_what_will_happen_and_until_when() -> None:
    text = asked()

    assert "| Records | linked | created in Severa | created in Visma Business | not transferred |" in text
    assert "| Customers | 1\xa0348 | 12 | 0 | 24 |" in text
    assert "| Projects and sales cases | 0 | 0 | 3 | 0 |" in text
    assert "Warnings, which do not block: Customers 37." in text
    assert "This holds until 2026-11-30 04:16 UTC" in text
    assert "[Report](https://airflow.test/presync/r)" in text


def test_records_that_are_held_back_get_a_column_of_their_own() -> None:
    assert "held back" in asked(told={"preview": {"customers": {"blocked": 1}}})
    assert "held back" not in asked()


@pytest.mark.parametrize("told", [None, {}, {"preview": {}}])
def test_a_report_that_cannot_be_read_is_said_to_be_missing(told: Any) -> None:
    assert "does not say what the first synchronisation would do" in asked(told=told)


def test_it_names_what_it_rests_on_and_only_then() -> None:
    assert asked().startswith("Everything was checked and nothing critical stands.\n")
    many = asked({"rests_on": [f"waiver {number} by Kari: #1 | <b>" for number in range(25)]})
    assert "waiver 19 by Kari: \\#1 \\| \\<b\\>" in many, "a reason is nobody's Markdown"
    assert "waiver 20" not in many
    assert "and 5 more" in many
    assert "nothing critical stands.\n" not in many


def test_a_companys_name_is_no_link() -> None:
    assert "**Nordlys \\[x\\](http://evil.test)**" in asked()


RESTS_ON = [
    "waiver of code_conflict 1a2b until 2026-12-31 by Kari (command): agreed until then by Ola (CFO)",
    "answer none for projects by Ola (command, 2026-11-20)",
    "customers 10001 and g-1 are the same by Ola (file): new name",
    "customers 10002 and g-2 are different by Ola (file): two branches",
    "these are the right two systems by Ola (command, 2026-11-20): moved",
    "what severa.users had before is gone, and that is right by Ola (command, 2026-11-20)",
    "Visma Business and Severa did not say which company it is, so whether both connections lead to one "
    "company was not compared",
    "not the release's rule: customers, code_mismatch: an added statement",
]


def test_it_is_asked_in_the_companys_language() -> None:
    text = asked({"rests_on": RESTS_ON}, language="nb")
    assert text.startswith(
        "Alt er kontrollert. At ingenting kritisk gjenstår, bygger på dette:\n- unntak fra "
    )
    assert "til 2026-12-31 fra Kari (command): agreed until then by Ola (CFO)" in text, "people's own words"
    assert "Dette gjelder til 30. nov. 2026 04:16 UTC" in text
    assert "«Approve»" in text
    assert "[Rapport](https://airflow.test/presync/r)" in text
    assert subject(TENANT.model_copy(update={"language": "sv"})).startswith(
        "Starta integrationen för Nordlys"
    )


@pytest.mark.parametrize(
    "start", ["manual", {"webhook": "w", "approval": "required"}, {"dag": "d", "approval": "required"}]
)
@pytest.mark.parametrize("told", [TOLD, None])
def test_no_english_is_left_in_it(start: Any, told: Any) -> None:
    tenant = Tenant.model_validate({**TENANT.model_dump(), "title": "Nordlys", "start": start})
    tenant = tenant.model_copy(update={"language": PSEUDO})
    for rests_on in ([], [each for each in RESTS_ON for _ in range(3)]):
        text = question(tenant, {"rests_on": rests_on}, ENDS, {"Report": "", "Company": ""}, told)
        assert [line for line in text.split("\n") if untranslated(line)] == []
    assert untranslated(subject(tenant)) == []


def test_it_says_what_approving_does() -> None:
    assert "by hand, then approve to record it" in asked()
    called = asked(start={"webhook": "integration__nordlys", "approval": "required"})
    assert "then calls the connection `integration__nordlys`, once" in called
    assert "then triggers the DAG `go`, once" in asked(start={"dag": "go", "approval": "required"})
    assert subject(TENANT).startswith("Start the integration of Nordlys")
