"""Plays the people who clear up: applies a run's fix files, and decides what only a person can decide.

    python -m demo.apply_fixes

Checks the sample company saimaa (blocked), does what its report proposes and what `demo/README.md` says a
person decides, checks it again, and exits 0 if it is ready then.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any

from demo.world import TENANTS, sample_world
from presync import settings
from presync.airflow import in_process
from presync.cli.check import Outcome, outcome_of
from presync.tenants.model import Tenant, load_tenant

TENANT = "saimaa"
KEYS = {"Actor": "ActNo", "Prod": "ProdNo"}  # every R table: RNo


def main() -> int:
    """Check, apply, check again; return the exit code."""
    folder = settings.local_data() / "fixes-demo"
    with ExitStack() as stack:
        in_process.leave_when_told(stack)
        world = stack.enter_context(sample_world(folder))
        os.environ.update(world.environment)
        screen = stack.enter_context(in_process.output_to(folder / "airflow.log"))
        source = TENANTS / f"{TENANT}.yaml"
        file = folder / source.name
        file.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        stack.enter_context(in_process.home(file))
        before = check(load_tenant(file))
        print(summary("before", before), file=screen)
        if before.report is None:
            return 1
        company = folder / "companies" / TENANT
        done = apply(before.report / "fixes", company, file)
        print(f"{done} proposed changes applied; then what a person decides:", file=screen)
        for decision in DECISIONS:
            print(f"  {decision.__doc__}", file=screen)
            decision(company)
        after = check(load_tenant(file))
        print(summary("after", after), file=screen)
    return 0 if after.verdict["status"] == "ready" else 1


def check(tenant: Tenant) -> Outcome:
    """Run the tenant's DAG without starting anything."""
    return outcome_of(tenant, in_process.run_tenant(tenant, start=False), start=False)


def summary(when: str, outcome: Outcome) -> str:
    """Return one line on a verdict."""
    critical = sum(suite["critical"] for suite in outcome.verdict["suites"])
    return f"{when}: {outcome.verdict['tenant']} is {outcome.verdict['status']}, {critical} critical findings"


def apply(fixes: Path, company: Path, tenant_file: Path) -> int:
    """Do everything that a report's fix files propose; return how many changes that were."""
    done = 0
    for path in sorted(fixes.glob("severa/*.csv")):
        rows = read(path)
        change(company, path.stem, partial(_correct, rows))
        done += len(rows)
    for path in sorted(fixes.glob("visma_business/*.csv")):
        for row in read(path):
            key = KEYS.get(row["table"], "RNo")
            statement = f'UPDATE "{row["table"]}" SET "{row["column"]}" = ? WHERE "{key}" = ?'
            with closing(sqlite3.connect(company / "visma_business.db")) as database, database:
                database.execute(statement, (row["proposed"], row["key"]))
            done += 1
    path = fixes / "presync" / "tenant.csv"
    rows = read(path) if path.is_file() else []
    set_fields(tenant_file, {row["field"]: row["proposed"] for row in rows})
    return done + len(rows)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a fix file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def change(company: Path, register: str, correct: Callable[[Any], None]) -> None:
    """Change a register of the sample organisation in Severa."""
    path = company / "severa" / f"{register}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    correct(content)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _correct(rows: list[dict[str, str]], register: Any) -> None:
    by_guid = {record["guid"]: record for record in register} if isinstance(register, list) else {}
    for row in rows:
        record = by_guid[row["guid"]] if row["guid"] else register
        value = row["proposed"]
        record[row["field"]] = int(value) if row["field"] != "code" else value


def set_fields(file: Path, fields: dict[str, str]) -> None:
    """Set fields of a tenant file such as `severa.customer_number_ceiling`, or take them out."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    document = yaml.load(file.read_text(encoding="utf-8"))
    for field, value in fields.items():
        part, _, name = field.partition(".")
        if value:
            document.setdefault(part, {})[name] = int(value)
        else:
            document[part].pop(name, None)
    with file.open("w", encoding="utf-8") as sink:
        yaml.dump(document, sink)


def name_the_match(company: Path) -> None:
    """Järvi-Suomen Hirsitalot Oy of Severa is customer 1771; 1772 is an old copy of it."""
    _customer(company, "Järvi-Suomen Hirsitalot Oy", number=1771)


def tell_namesakes_apart(company: Path) -> None:
    """Karjalan Kievari of Severa is another company than customer 1774: its town goes into its name."""
    _customer(company, "Karjalan Kievari", name="Karjalan Kievari, Joensuu")


def reissue_the_invoice(company: Path) -> None:
    """Invoice 31100 was issued twice: the second one is credited and issued again as 31401."""

    def correct(invoices: Any) -> None:
        _, second = [invoice for invoice in invoices if invoice["number"] == 31100]
        second["number"] = 31401

    change(company, "invoices", correct)


DECISIONS = (name_the_match, tell_namesakes_apart, reissue_the_invoice)


def _customer(company: Path, known_as: str, **fields: Any) -> None:
    def correct(customers: Any) -> None:
        (customer,) = [customer for customer in customers if customer["name"] == known_as]
        customer.update(fields)

    change(company, "customers", correct)


if __name__ == "__main__":
    sys.exit(main())
