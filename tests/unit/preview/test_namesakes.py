"""Many records of one name: a finding for each pair of them, and a preview all the same."""

from __future__ import annotations

import pytest

from presync.preview import write
from tests.oracle import Finding, StagedData
from tests.oracle.building import customer, tenant
from tests.oracle.model import Row
from tests.support.preview_product import Run, reconciled, write_findings

MANY = 400


def test_findings_of_every_pair_of_namesakes_fit_into_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "_MEMORY", "55MB")
    business = [customer(str(10_000 + place), "Kontantkunde") for place in range(MANY)]
    severa: list[Row] = [
        {"guid": f"g{place}", "name": "Kontantkunde", "number": 90_000 + place} for place in range(MANY)
    ]
    tables = {
        ("visma_business", "associates"): [{**row, "act_no": str(at)} for at, row in enumerate(business)],
        ("severa", "customers"): severa,
        ("severa", "organizationsettings"): [{}],
    }
    pair = Finding("customers", "ambiguous_match", "critical")
    with reconciled(StagedData(tenant(), tables, {"invoice_numbers"})) as database:  # type: ignore[arg-type]
        findings = (
            pair._replace(
                business_code=b["customer_no"],
                business_name=b["name"],
                severa_guid=s["guid"],
                severa_register="customers",
            )
            for b in business
            for s in severa
        )
        file = database.parent / "findings.parquet"
        write_findings(file, findings)
        preview, rows = Run(StagedData(tenant(), {}), database, [file]).preview()
    assert preview.count("customers", "blocked") == 2 * MANY
    assert {row["rules"] for row in rows} == {"ambiguous_match"}
    assert {len(row["finding_ids"].split(";")) for row in rows} == {20}
    assert rows[0]["finding_ids"].split(";")[:3] == ["0", "1", "10"]
    assert "(400 findings.)" in rows[0]["reason"]
