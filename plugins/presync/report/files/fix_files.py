"""The fix files: proposals per register of Severa and table of Visma Business, as CSV and as spreadsheets.

Below `fixes/` of a report, each as .csv and .xlsx. Proposals end with rule, finding_id, confidence, reason.

| file | begins with |
|---|---|
| `severa/<register>` | guid, name, field, current, proposed |
| `visma_business/<table>` | table, key, column, current, proposed |
| `presync/tenant` | field, current, proposed |
| `by_hand` | finding_id, suite, rule, the records, fix_in, message, reason, columns to fill in |
"""

from __future__ import annotations

import csv
import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from presync.errors import ConfigurationError, PresyncError
from presync.fixes.counter_texts import CounterTexts
from presync.fixes.model import BusinessChange, Cause, Confidence, FixPlan, SeveraChange, TenantChange
from presync.fixes.plan_run import plan_run
from presync.report.files.about import Origin, Rows, about, widths
from presync.report.files.edited_tables import read_rows, saved_tables
from presync.report.files.xlsx_writer import Spreadsheet
from presync.rules.findings_writer import RECORDS
from presync.staging.store import RunStore
from presync.tenants.model import Tenant
from presync.text.secrecy import log_trace
from presync.text.visible import visible_within

_CAUSE: Final = ("rule", "finding_id", "confidence", "reason")
SEVERA: Final = ("guid", "name", "field", "current", "proposed", *_CAUSE)
VISMA_BUSINESS: Final = ("table", "key", "column", "current", "proposed", *_CAUSE)
TENANT: Final = ("field", "current", "proposed", *_CAUSE)
ANSWER: Final = ("values_digest", "answer", "until", "why")
"""The columns of `by_hand` that a person fills in, and which values of the records they are about."""
BY_HAND: Final = ("finding_id", "suite", "rule", *RECORDS, "fix_in", "message", "reason", *ANSWER)
Row = tuple[str, ...]


@dataclass(frozen=True)
class FixFile:
    """A written fix file: its path below the report without suffix, who must act on it, how many rows."""

    path: str
    fix_in: str
    title: str
    rows: int


def write_fixes(folder: Path, plan: FixPlan, origin: Origin | None = None) -> list[FixFile]:
    """Write the plan below `folder` (`fixes/` of a report); return the files, each as .csv and .xlsx."""
    written = []
    for fix_in, title, header, rows in _sheets(plan):
        path = folder / f"{fix_in}/{title}" if fix_in else folder / title
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, title, header, rows, about(fix_in or title, header, origin))
        written.append(FixFile(f"{folder.name}/{path.relative_to(folder)}", fix_in, title, len(rows)))
    return written


def _sheets(plan: FixPlan) -> Iterator[tuple[str, str, Row, list[Row]]]:
    registers: dict[str, list[Row]] = defaultdict(list)
    for s in plan.severa:
        registers[s.register].append((s.guid, s.name, s.field, s.current, s.proposed, *s.cause.cells()))
    tables: dict[str, list[Row]] = defaultdict(list)
    for b in plan.visma_business:
        tables[b.table].append((b.table, b.key, b.column, b.current, b.proposed, *b.cause.cells()))
    tenant: list[Row] = [(t.field, t.current, t.proposed, *t.cause.cells()) for t in plan.tenant]
    yield from (("severa", name, SEVERA, rows) for name, rows in sorted(registers.items()))
    yield from (("visma_business", name, VISMA_BUSINESS, rows) for name, rows in sorted(tables.items()))
    if tenant:
        yield "presync", "tenant", TENANT, tenant
    if plan.by_hand:
        rows = [
            (
                f.finding_id,
                f.suite,
                f.rule,
                *(getattr(f, c) for c in (*RECORDS, "fix_in", "message")),
                visible_within(by_hand.reason),
                f.values_digest,
                "",
                "",
                "",
            )
            for by_hand in plan.by_hand
            for f in [by_hand.finding]
        ]
        yield "", "by_hand", BY_HAND, rows


def _write(path: Path, title: str, header: Row, rows: Sequence[Row], first_sheet: Rows) -> None:
    with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    target = path.with_suffix(".xlsx")
    with Spreadsheet(target, title, header, about=first_sheet, widths=widths(header)) as spreadsheet:
        spreadsheet.write(rows)


def read_fixes(folder: Path, *, given: bool = False) -> FixPlan:
    """Read fix files back; what is left to people is not read.

    `given`: somebody names this folder, so there must be something to read in it, and what counts may be a
    spreadsheet. Raises ConfigurationError if a file is not what `write_fixes` writes.
    """
    if given:
        _require_files(folder)
    plan = FixPlan()
    for path in saved_tables(folder / "severa", given=given):
        for guid, name, field, current, proposed, *cause in read_rows(path, SEVERA):
            change = SeveraChange(path.stem, guid, name, field, current, proposed, _cause(path, cause))
            plan.severa.append(change)
    for path in saved_tables(folder / "visma_business", given=given):
        for table, key, column, current, proposed, *cause in read_rows(path, VISMA_BUSINESS):
            plan.visma_business.append(
                BusinessChange(table, key, column, current, proposed, _cause(path, cause))
            )
    for path in saved_tables(folder / "presync", given=given):
        for field, current, proposed, *cause in read_rows(path, TENANT):
            plan.tenant.append(TenantChange(field, current, proposed, _cause(path, cause)))
    return plan


def _require_files(folder: Path) -> None:
    """Refuse a folder in which nothing would be read: a rehearsal of no changes would say something wrong."""
    if any(saved_tables(folder / name, given=True) for name in ("severa", "visma_business", "presync")):
        return
    found = "there is no such folder"
    if folder.is_dir():
        found = "it holds no fix file (below severa, visma_business or presync, as .csv or .xlsx)"
    raise ConfigurationError(
        f"{folder}: {found}, so nothing was rehearsed. Give a copy of the folder fixes/ of a report.",
        source="fixes",
    )


def _cause(path: Path, cells: Sequence[str]) -> Cause:
    rules, ids, confidence, reason = cells
    known: tuple[Confidence, ...] = get_args(Confidence)
    for value in known:
        if value == confidence:
            return Cause(tuple(rules.split()), tuple(ids.split()), value, reason)
    raise ConfigurationError(
        f"{path}: {confidence!r} is not a confidence; it is one of {', '.join(known)}", source="fixes"
    )


PROPOSALS_FOLDER: Final = "fixes"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proposals:
    """The fix files that were written; `problem` says why there are none although something blocks.

    `counters` is None where nothing was proposed: what the suites say of counters holds.
    """

    files: tuple[FixFile, ...] = ()
    problem: str = ""
    counters: CounterTexts | None = None

    @property
    def proposed(self) -> int:
        """How many changes are proposed."""
        return sum(file.rows for file in self.files if file.fix_in)

    @property
    def by_hand(self) -> int:
        """How many findings are left to people."""
        return sum(file.rows for file in self.files if not file.fix_in)


def write_proposals(
    folder: Path, tenant: Tenant, store: RunStore, verdict: Mapping[str, Any], waived: Collection[str] = ()
) -> Proposals:
    """Write `fixes/` into the folder of a report that is `blocked`.

    A run that could not check everything gets none: they could create what was not checked. Nothing is
    raised: the report that says what blocks must not be lost because nobody knows how to correct it.
    """
    if verdict["status"] != "blocked":
        return Proposals()
    try:
        plan = plan_run(tenant, store, waived)
        files = tuple(write_fixes(folder / PROPOSALS_FOLDER, plan, Origin.of(tenant, verdict)))
        return Proposals(files, counters=CounterTexts.of(plan))
    except PresyncError as error:
        return Proposals(problem=error.message)
    except Exception as error:
        log_trace(log, f"no proposals for run {store.run_id} of tenant {tenant.tenant}", error)
        return Proposals(
            problem=f"they stopped unexpectedly ({type(error).__name__}); the task's log has more"
        )
