"""The commands about what is on record: `presync diff`, `presync audit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from presync.cli import terminal
from presync.cli.exit_codes import ERROR, FINE
from presync.cli.tenant_argument import tenant_name
from presync.control.audit import audit_trail, verify_trail
from presync.control.findings import is_fixed_by, is_new, last_changes
from presync.control.models import AuditEntry, FindingRecord, Run
from presync.errors import ConfigurationError
from presync.text.visible import visible_within
from presync.verdict.history import age_days

_SURE: Final = {
    "airflow": " (signed in to Airflow)",
    "system": " (operating-system user)",
    "typed": " (name as typed)",
}


def diff(typed: str) -> int:
    """Print the findings of a tenant's newest run beside those of the run before."""
    tenant = tenant_name(typed)
    latest, checked, records = last_changes(tenant)
    if latest is None:
        raise ConfigurationError(
            f"no run of tenant {tenant!r} is recorded, so there is nothing to compare. Check the "
            "name, or run the tenant first.",
            source=tenant,
        )
    if terminal.person() and checked is not None:
        _show_diff(latest, checked, records)
    else:
        print("\n".join(diff_lines(latest, checked, records)))
    return FINE


def audit(typed: str) -> int:
    """Print a tenant's audit trail."""
    tenant = tenant_name(typed)
    entries = audit_trail(tenant)
    if not entries:
        raise ConfigurationError(
            f"nothing is recorded of tenant {tenant!r}, so there is nothing to show: it was never run, or it "
            f"has another name. Check the name, or run the tenant first.",
            source=tenant,
        )
    if terminal.person():
        rows = [[f"{e.at:%Y-%m-%d %H:%M:%S}", _who(e), e.what, _detail(e.detail)] for e in entries]
        terminal.show_table(f"{tenant}: audit trail", ["UTC", "who", "what", "detail"], rows)
        return FINE
    for entry in entries:
        moment = f"{entry.at:%Y-%m-%d %H:%M:%S} UTC"
        print(f"{moment}  {_who(entry)}: {entry.what}: {_detail(entry.detail)}")
    return FINE


def verify_audit() -> int:
    """Follow the chain of all entries; 2 if anything was changed, removed or put in."""
    found = verify_trail()
    for fault in found.faults:
        print(fault)
    state = f"{len(found.faults)} fault(s)" if found.faults else "whole"
    print(
        f"the audit trail is {state}: {found.entries} entries, the newest with digest {found.newest or '-'}. "
        "Keep it elsewhere: without it, a trail whose end was cut off looks like a shorter one"
    )
    return ERROR if found.faults else FINE


def _who(entry: AuditEntry) -> str:
    return f"{_value(entry.who)}{_SURE.get(entry.who_kind or '', '')}"


def _detail(detail: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {_value(value)}" for key, value in detail.items())


def _value(value: object) -> str:
    """Return a value in one line: nobody's words may look like an entry of their own."""
    text = (" ".join(map(str, value)) or "none") if isinstance(value, list) else str(value)
    return " ".join(text.split())


def diff_lines(latest: Run, checked: Run | None, records: Sequence[FindingRecord]) -> Iterator[str]:
    """Yield what `presync diff` prints: a summary, then a line per finding, critical ones first."""
    if latest is not checked:
        yield _incomplete(latest)
    if checked is None:
        return
    groups = _groups(checked.run_id, records)
    yield _counts(checked, groups)
    for name, group in groups.items():
        for record in group:
            yield f"  {name:<7}{_line(record, checked.started_at)}"


def _show_diff(latest: Run, checked: Run, records: Sequence[FindingRecord]) -> None:
    groups = _groups(checked.run_id, records)
    if latest is not checked:
        terminal.show_line(_incomplete(latest))
    rows = [
        [name, r.severity, r.suite, r.rule, _subject(r), f"{r.opened_at:%Y-%m-%d}", r.finding_id]
        for name, group in groups.items()
        for r in group
    ]
    headers = ["", "severity", "suite", "rule", "records", "since", "finding"]
    terminal.show_table(_counts(checked, groups), headers, rows)


def _incomplete(latest: Run) -> str:
    return (
        f"run {latest.run_id} ({_moment(latest.started_at)}) could not check everything, so it does not show "
        "what is new or fixed"
    )


def _groups(run: str, records: Sequence[FindingRecord]) -> dict[str, list[FindingRecord]]:
    standing = [record for record in records if record.fixed_at is None]
    unwaived = [record for record in standing if not record.waived]
    groups = {
        "new": [record for record in unwaived if is_new(record, run)],
        "open": [record for record in unwaived if not is_new(record, run)],
        "waived": [record for record in standing if record.waived],
        "fixed": [record for record in records if is_fixed_by(record, run)],
    }
    return {name: sorted(group, key=_order) for name, group in groups.items()}


def _counts(checked: Run, groups: Mapping[str, Sequence[FindingRecord]]) -> str:
    counts = ", ".join(f"{len(group)} {name}" for name, group in groups.items())
    moment = _moment(checked.started_at)
    return f"run {checked.run_id} ({moment}, {checked.status}): {counts} since the run before"


def _order(record: FindingRecord) -> tuple[str, str, str, str]:
    return record.severity, record.suite, record.rule, record.business_code


def _line(record: FindingRecord, now: datetime) -> str:
    age = f"since {record.opened_at:%Y-%m-%d}, {age_days(record.opened_at, now)} d"
    subject = _subject(record)
    return f"{record.severity:<9}{record.suite}: {record.rule}: {subject} ({age}) [{record.finding_id}]"


def _subject(record: FindingRecord) -> str:
    """Return what a finding is about, by its codes: names are not remembered."""
    numbers = "-".join(dict.fromkeys(number for number in (record.first, record.last) if number))
    business = f"Visma Business {record.business_code}" if record.business_code else ""
    code = record.severa_code or "without code"
    severa = f"Severa {code} {record.severa_guid}" if record.severa_guid else ""
    return visible_within(", ".join(part for part in (business, severa, numbers) if part) or "-")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
