"""The last line of the demo: corrections applied to Severa by the DAG, checked, and taken back."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from demo.person import answering
from presync.airflow import in_process
from presync.cli.check import Outcome, outcome_of
from presync.tenants.model import Tenant

PERSON: Final = "Anna"
Say = Callable[[str], None]


def correct(tenant: Tenant, before: Outcome, say: Say) -> list[str]:
    """Apply what is proposed, check, take it back, check; return what is not as documented."""
    say(f"\n{tenant.title} ({tenant.tenant}): apply its corrections to Severa, and take them back")
    if before.report is None:
        return [f"{tenant.tenant}: it has no report, so nothing could be applied"]
    first = critical(before.report)
    faults = _approved(tenant, {"do": "apply", "fill_empty": True}, say)
    after = _checked(tenant, say)
    left = critical(after.report) if after.report else Counter()
    unforeseen = left - _for_people(before.report)
    if after.report is None or not left or unforeseen:
        faults.append(f"{tenant.tenant}: after applying, not only what people decide is left: {unforeseen}")
    say(f"  {sum(first.values())} critical findings before, {sum(left.values())} left to people after")
    faults += _approved(tenant, {"do": "undo"}, say)
    back = _checked(tenant, say)
    if back.report is None or critical(back.report) != first:
        faults.append(f"{tenant.tenant}: after taking everything back, the verdict is not the first one")
    return faults


def _approved(tenant: Tenant, asked: dict[str, Any], say: Say) -> list[str]:
    from presync.airflow.apply_dag import APPLY, CHECK, apply_dag

    with answering(tenant.apply_dag_id, "Approve", PERSON) as read:
        run = in_process.run_dag(apply_dag(tenant), asked)
    say(f"  {asked['do']}: {PERSON} read {read[0].count(chr(10)) if read else 0} lines and approved")
    states = {task: run.states.get(task) for task in (APPLY, CHECK)}
    return [f"{tenant.tenant}: {asked['do']}: {task} was {s}" for task, s in states.items() if s != "success"]


def _checked(tenant: Tenant, say: Say) -> Outcome:
    outcome = outcome_of(tenant, in_process.run_tenant(tenant, start=False), start=False)
    say(f"  checked again: {outcome.verdict['status']}")
    return outcome


def critical(report: Path) -> Counter[str]:
    """Return the ids of a report's critical findings."""
    return Counter(
        row["finding_id"] for row in _rows(report / "findings.csv") if row["severity"] == "critical"
    )


def _for_people(report: Path) -> Counter[str]:
    """Return the critical findings that need a counter, a field of the tenant file, or a decision."""
    fixes = report / "fixes"
    files = [
        fixes / "severa" / "organizationsettings.csv",
        fixes / "presync" / "tenant.csv",
        fixes / "by_hand.csv",
    ]
    ids = {
        each for file in files if file.is_file() for row in _rows(file) for each in row["finding_id"].split()
    }
    ids |= set(_waiting(_rows(fixes / "severa" / "customers.csv"), _rows(files[0])))
    return Counter(dict.fromkeys(ids, 1))


def _waiting(customers: Sequence[dict[str, str]], counters: Sequence[dict[str, str]]) -> list[str]:
    """Return the findings of customers whose new number Severa would give out itself."""
    (counter,) = [int(row["current"]) for row in counters if row["field"] == "nextCustomerNumber"]
    return [
        each for row in customers if int(row["proposed"]) >= counter for each in row["finding_id"].split()
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
