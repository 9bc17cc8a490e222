"""`presync apply`: corrections written to Severa, gone on with, taken back, and their journal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from presync import settings
from presync.airflow import in_process
from presync.cli.exit_codes import BLOCKED, ERROR, FINE
from presync.cli.tenant_argument import existing_file, tenant_name
from presync.cli.who import given_by
from presync.control import journal
from presync.errors import ConfigurationError
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant, load_tenant

if TYPE_CHECKING:
    from presync.apply.model import Options
    from presync.apply.run import Report
    from presync.control.models import AppliedCall

_DIGITS: Final = 12


@dataclass(frozen=True)
class Wish:
    """What somebody wants of `presync apply`: the plan only, or one of the others.

    `digest`: how the digest of the plan begins that is to be written.
    """

    yes: bool = False
    digest: str = ""
    resume: bool = False
    undo: bool = False
    plan: str | None = None


def apply(typed: str, options: Options, wish: Wish, by: str | None) -> int:
    """Do what was asked for; 0 all of it was done, 1 something was not, 2 it was stopped."""
    file = existing_file(typed)
    tenant = load_tenant(file)
    if not (wish.yes or wish.resume or wish.undo):
        return _show(tenant, options)
    log = settings.local_data() / "logs" / f"apply-{tenant.tenant}.log"
    with _airflow(log, file) as say:
        report = _perform(tenant, options, wish, by, say)
        from presync.apply.texts import report_lines

        for line in report_lines(report, undo=wish.undo):
            say(line)
    if report.outcome.stopped:
        return ERROR
    return FINE if report.outcome.complete else BLOCKED


def _show(tenant: Tenant, options: Options) -> int:
    from presync.apply.plan import make_plan
    from presync.apply.texts import plan_lines

    first = journal.newest_application(tenant.tenant, begun=True) is None
    plan = make_plan(tenant, options)
    for line in plan_lines(plan, first=first):
        print(line)
    print(
        "Nothing was written. To write it: the same command with --yes "
        f"(or, so that it is this plan and no other, --yes --digest {plan.digest[:_DIGITS]})."
    )
    return FINE


@contextmanager
def _airflow(log: Path, file: Path) -> Iterator[Callable[[str], None]]:
    """Yield what prints a line; whatever Airflow says goes to a log."""
    with in_process.output_to(log) as answer, in_process.home(file.absolute(), metadata=False):
        yield lambda line: print(line, file=answer, flush=True)


def _perform(
    tenant: Tenant, options: Options, wish: Wish, by: str | None, say: Callable[[str], None]
) -> Report:
    from presync.apply import run
    from presync.apply.texts import call_line

    who = given_by(by)

    def watch(call: AppliedCall) -> None:
        say(f"  {call_line(call)}")

    if wish.yes:
        _, identity = run.propose(tenant, options, digest=wish.digest)
        return run.apply_plan(tenant, identity, who, watch=watch)
    newest = journal.newest_application(tenant.tenant, begun=True)
    chosen = wish.plan or (newest.id if newest else None)
    if chosen is None:
        raise ConfigurationError(
            f"nothing was ever written to the Severa of tenant {tenant.tenant}, so there is nothing to "
            f"{'take back' if wish.undo else 'go on with'}.",
            source="apply",
        )
    if wish.undo:
        return run.undo(tenant, chosen, who, watch=watch)
    return run.resume(tenant, chosen, who, watch=watch)


def write_business(typed: str, folder: Path, fixes: Path | None, exclude: Sequence[Entity]) -> int:
    """Write what a person changes in Visma Business: a list, and SQL for review. Nothing is run."""
    from presync.apply.business_sql import business_changes, list_csv, sql_text

    tenant = load_tenant(existing_file(typed))
    run_id, changes = business_changes(tenant, fixes, exclude)
    if not changes:
        print(f"{tenant.tenant}: run {run_id} proposes no change in Visma Business")
        return FINE
    texts = {"csv": list_csv(tenant, changes), "sql": sql_text(tenant, run_id, changes)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, text in texts.items():
            (folder / f"visma_business.{suffix}").write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}", source="apply") from None
    print(f"{tenant.tenant}: {len(changes)} changes for Visma Business are in {folder}; nothing was run")
    return FINE


def show_journal(typed: str, *, as_csv: bool) -> int:
    """Print a tenant's journal."""
    from presync.apply.texts import journal_csv, journal_lines

    tenant = tenant_name(typed)
    found = [(each, journal.calls_of(each.id)) for each in journal.applications(tenant)]
    if as_csv:
        sys.stdout.write(journal_csv(found))
    else:
        for line in journal_lines(found):
            print(line)
        if not found:
            print(f"nothing was ever written to the Severa of tenant {tenant}")
    return FINE
