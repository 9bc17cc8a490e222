"""The commands about what is on record: `presync diff`, `presync audit`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from presync.cli.tenant_argument import tenant_name
from presync.control.audit import audit_trail
from presync.control.findings import is_fixed_by, is_new, last_changes
from presync.control.models import FindingRecord, Run
from presync.errors import ConfigurationError
from presync.verdict.history import age_days

FINE: Final = 0


def add_commands(commands: Any) -> None:
    """Add the commands to `presync`'s parser."""
    diff = commands.add_parser("diff", help="findings: new, open, waived, fixed since the run before")
    diff.add_argument("tenant", metavar="TENANT", help="a tenant's name, or its file")
    diff.set_defaults(command=_diff)

    audit = commands.add_parser("audit", help="who decided, waived, checked and started what, and when")
    audit.add_argument("tenant", metavar="TENANT", help="a tenant's name, or its file")
    audit.set_defaults(command=_audit)


def _diff(options: argparse.Namespace) -> int:
    tenant = tenant_name(options.tenant)
    latest, checked, records = last_changes(tenant)
    if latest is None:
        raise ConfigurationError(
            f"no run of tenant {tenant!r} is recorded, so there is nothing to compare. Check the "
            "name, or run the tenant first.",
            source=tenant,
        )
    print("\n".join(diff_lines(latest, checked, records)))
    return FINE


def _audit(options: argparse.Namespace) -> int:
    tenant = tenant_name(options.tenant)
    entries = audit_trail(tenant)
    if not entries:
        raise ConfigurationError(
            f"nothing is recorded of tenant {tenant!r}, so there is nothing to show: it was never run, or "
            "its name is another. Check the name, or run the tenant first.",
            source=tenant,
        )
    for entry in entries:
        detail = ", ".join(f"{key} {_value(value)}" for key, value in entry.detail.items())
        print(f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {_value(entry.who)}: {entry.what}: {detail}")
    return FINE


def _value(value: object) -> str:
    """Return a value in one line: nobody's words may look like an entry of their own."""
    text = (" ".join(map(str, value)) or "none") if isinstance(value, list) else str(value)
    return " ".join(text.split())


def diff_lines(latest: Run, checked: Run | None, records: Sequence[FindingRecord]) -> Iterator[str]:
    """Yield what `presync diff` prints: a summary, then a line per finding, critical ones first."""
    if latest is not checked:
        yield (
            f"run {latest.run_id} ({_moment(latest.started_at)}) could not check everything, so it tells "
            "neither what is new nor what is fixed"
        )
    if checked is None:
        return
    run = checked.run_id
    standing = [record for record in records if record.fixed_at is None]
    unwaived = [record for record in standing if not record.waived]
    groups = {
        "new": [record for record in unwaived if is_new(record, run)],
        "open": [record for record in unwaived if not is_new(record, run)],
        "waived": [record for record in standing if record.waived],
        "fixed": [record for record in records if is_fixed_by(record, run)],
    }
    counts = ", ".join(f"{len(group)} {name}" for name, group in groups.items())
    yield f"run {run} ({_moment(checked.started_at)}, {checked.status}): {counts} since the run before"
    for name, group in groups.items():
        for record in sorted(group, key=_order):
            yield f"  {name:<7}{_line(record, checked.started_at)}"


def _order(record: FindingRecord) -> tuple[str, str, str, str]:
    return record.severity, record.suite, record.rule, record.business_code


def _line(record: FindingRecord, now: datetime) -> str:
    """Return a finding as its codes tell it: names are not remembered."""
    numbers = "-".join(dict.fromkeys(number for number in (record.first, record.last) if number))
    business = f"Visma Business {record.business_code}" if record.business_code else ""
    code = record.severa_code or "without code"
    severa = f"Severa {code} {record.severa_guid}" if record.severa_guid else ""
    subject = ", ".join(part for part in (business, severa, numbers) if part) or "-"
    age = f"since {record.opened_at:%Y-%m-%d}, {age_days(record.opened_at, now)} d"
    return f"{record.severity:<9}{record.suite}: {record.rule}: {subject} ({age}) [{record.finding_id}]"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
