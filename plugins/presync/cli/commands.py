"""What can be typed: every command with its arguments, as Typer reads them.

A command here only says what is to be done (`Request.action`). `main` does it, so that wrong usage, errors
and findings have exit codes of their own, and so that nothing heavy is imported before it is needed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from presync import __version__
from presync.cli.arguments import (
    AsJson,
    BusinessCode,
    By,
    EntityName,
    Finding,
    Reason,
    SeveraGuid,
    Tenant,
    TenantOrAll,
    at_most_one_of,
    day,
    entities,
    new_name,
    one_of,
    registers,
)

_CHECK, _DECIDE, _RECORD, _OPERATE = "Check a company", "Decide", "Look back", "Operate"
_HELP: Final = {"help_option_names": ["-h", "--help"]}
# a code may begin with a dash: -7 is a customer number and not an option
_CODES: Final = {**_HELP, "ignore_unknown_options": True}


app = typer.Typer(
    name="presync",
    help="May the Visma Business - Severa integration be started for a company, and if not, who must change "
    "what?",
    epilog="Exit codes: 0 fine (check: ready), 1 blocked, 2 error (not checked, or a file is broken), "
    "64 wrong usage. Standard output holds the answer, standard error what went wrong.",
    context_settings=_HELP,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"presync {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Hold the options of `presync` itself."""


@app.command("check", rich_help_panel=_CHECK, context_settings=_HELP)
def _check(
    context: typer.Context,
    *,
    tenant: Tenant,
    as_json: AsJson = False,
    start: Annotated[
        bool, typer.Option("--start", help="If ready, start the integration (once, ever).")
    ] = False,
) -> None:
    """Check one company: 0 ready, 1 blocked, 2 not checked."""

    def action() -> int:
        from presync.cli.check import check_and_show

        return check_and_show(tenant, as_json=as_json, start=start)

    context.obj.action = action


@app.command("validate", rich_help_panel=_CHECK, context_settings=_HELP)
def _validate(
    context: typer.Context,
    *,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Default: all tenant files.")
    ] = None,
) -> None:
    """Check tenant files and list their faults."""

    def action() -> int:
        from presync.cli.validate import validate

        return validate(files or [])

    context.obj.action = action


@app.command("show", rich_help_panel=_CHECK, context_settings=_HELP)
def _show(context: typer.Context, *, tenant: Tenant, as_json: AsJson = False) -> None:
    """Say what is in force for a company, and where each value comes from."""

    def action() -> int:
        from presync.cli.show import show

        return show(tenant, as_json=as_json)

    context.obj.action = action


@app.command("doctor", rich_help_panel=_CHECK, context_settings=_HELP)
def _doctor(context: typer.Context, *, tenant: Tenant) -> None:
    """Show what can be read of a company and what cannot."""

    def action() -> int:
        from presync.cli.doctor import doctor

        return doctor(tenant)

    context.obj.action = action


@app.command("simulate", rich_help_panel=_CHECK, context_settings=_HELP)
def _simulate(
    context: typer.Context,
    *,
    tenant: Tenant,
    run: Annotated[
        str | None, typer.Option(metavar="RUN", help="Default: the newest that was checked completely.")
    ] = None,
    fixes: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Default: those of the run's report.")
    ] = None,
    exclude: Annotated[
        str | None,
        typer.Option(
            metavar="ENTITY[,ENTITY]",
            help="Apply the proposed exclusion lists of these entities too, with the answers they need.",
        ),
    ] = None,
    lists: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Default: those of the run's report.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the verdict would be with all fix files applied."""
    excluded = entities(exclude) if exclude is not None else ()

    def action() -> int:
        from presync.cli.simulate import simulate

        return simulate(tenant, run, fixes, excluded, lists, as_json=as_json)

    context.obj.action = action


@app.command("apply", rich_help_panel=_DECIDE, context_settings=_HELP)
def _apply(
    context: typer.Context,
    *,
    tenant: Tenant,
    fixes: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Default: those of the newest run's report.")
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="REGISTER[,REGISTER]", help="Only these registers of Severa, e.g. customers."),
    ] = None,
    at_most: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At most so many records, e.g. 1 as a trial.")
    ] = None,
    fill_empty: Annotated[
        bool,
        typer.Option("--fill-empty", help="Also records without a number: Severa may not take it back."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write it. Without: only say what would be.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after an interruption.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Give every record its former value back.")] = False,
    plan: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Which plan to resume or undo. Default: the newest that was begun."),
    ] = None,
    business: Annotated[
        Path | None,
        typer.Option(
            "--visma-business",
            metavar="FOLDER",
            help="Write the list and the SQL for review of what a person changes in Visma Business.",
        ),
    ] = None,
    exclude: Annotated[
        str | None,
        typer.Option(metavar="ENTITY[,ENTITY]", help="With the proposed exclusion lists of these, too."),
    ] = None,
    show: Annotated[bool, typer.Option("--journal", help="Print all that was ever written.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The journal as CSV.")] = False,
    by: By = None,
) -> None:
    """Write approved corrections to Severa, or take them back."""
    others = {"--journal": show or as_csv, "--visma-business": business is not None}
    at_most_one_of({"--yes": yes, "--resume": resume, "--undo": undo, **others})
    excluded = entities(exclude) if exclude is not None else ()

    def action() -> int:
        from presync.apply.model import Options
        from presync.cli.apply import Wish, apply, show_journal, write_business

        if show or as_csv:
            return show_journal(tenant, as_csv=as_csv)
        if business is not None:
            return write_business(tenant, business, fixes, excluded)
        options = Options(registers(only), at_most, fixes.absolute() if fixes else None, fill_empty)
        return apply(tenant, options, Wish(yes=yes, resume=resume, undo=undo, plan=plan), by)

    registers(only)
    context.obj.action = action


@app.command("init", rich_help_panel=_CHECK, context_settings=_HELP)
def _init(
    context: typer.Context,
    *,
    tenant: Annotated[
        str, typer.Argument(metavar="TENANT", help="Name of the onboarding, e.g. nordlys.", parser=new_name)
    ],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Default: TENANT.yaml in the tenants' folder.")
    ] = None,
    visma_business: Annotated[
        str | None, typer.Option(metavar="CONNECTION", help="Default: visma_business__TENANT.")
    ] = None,
    severa: Annotated[str | None, typer.Option(metavar="CONNECTION", help="Default: severa__TENANT.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if there is one.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Write it even if one system cannot be looked at.")
    ] = False,
) -> None:
    """Draft a tenant file by looking at both systems."""

    def action() -> int:
        from presync.cli.new_tenant import init

        return init(
            tenant, output, visma_business=visma_business, severa=severa, force=force, partial=partial
        )

    context.obj.action = action


@app.command("waive", rich_help_panel=_DECIDE, context_settings=_HELP)
def _waive(
    context: typer.Context,
    *,
    tenant: Tenant,
    finding: Finding,
    reason: Reason,
    until: Annotated[
        date, typer.Option(metavar="YYYY-MM-DD", help="Last day (UTC); at most 90 days ahead.", parser=day)
    ],
    by: By = None,
) -> None:
    """Waive a finding until a date, with a reason."""

    def action() -> int:
        from presync.cli.decisions import waive

        return waive(tenant, finding, reason=reason, until=until, by=by)

    context.obj.action = action


@app.command("unwaive", rich_help_panel=_DECIDE, context_settings=_HELP)
def _unwaive(context: typer.Context, *, tenant: Tenant, finding: Finding, by: By = None) -> None:
    """Withdraw a waiver."""

    def action() -> int:
        from presync.cli.decisions import unwaive

        return unwaive(tenant, finding, by=by)

    context.obj.action = action


@app.command("decide", rich_help_panel=_DECIDE, context_settings=_HELP)
def _decide(
    context: typer.Context,
    *,
    tenant: Tenant,
    entity: EntityName,
    answer: Annotated[
        str,
        typer.Argument(metavar="ANSWER", help="all, none, except:Gr5=1, or withdraw.", show_default=False),
    ],
    by: By = None,
) -> None:
    """Answer one of the five questions."""

    def action() -> int:
        from presync.cli.decisions import decide

        return decide(tenant, entity, answer, by=by)

    context.obj.action = action


@app.command("confirm-pair", rich_help_panel=_DECIDE, context_settings=_CODES)
def _confirm_pair(
    context: typer.Context,
    *,
    tenant: Tenant,
    entity: EntityName,
    business_code: BusinessCode,
    severa_guid: SeveraGuid,
    reason: Reason,
    by: By = None,
    same: Annotated[bool, typer.Option("--same", help="The two are the same.")] = False,
    different: Annotated[bool, typer.Option("--different", help="The two are not the same.")] = False,
) -> None:
    """Record that two records are the same, or are not."""
    one_of("--same", same, "--different", different)

    def action() -> int:
        from presync.cli.decisions import confirm_pair

        return confirm_pair(tenant, entity, business_code, severa_guid, same=same, reason=reason, by=by)

    context.obj.action = action


@app.command("unconfirm-pair", rich_help_panel=_DECIDE, context_settings=_CODES)
def _unconfirm_pair(
    context: typer.Context,
    *,
    tenant: Tenant,
    entity: EntityName,
    business_code: BusinessCode,
    severa_guid: SeveraGuid,
    by: By = None,
) -> None:
    """Withdraw a confirmed pair."""

    def action() -> int:
        from presync.cli.decisions import unconfirm_pair

        return unconfirm_pair(tenant, entity, business_code, severa_guid, by=by)

    context.obj.action = action


@app.command("branches", rich_help_panel=_DECIDE, context_settings=_CODES)
def _branches(
    context: typer.Context,
    *,
    tenant: Tenant,
    customers: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE=GUID|CODE=none...",
            help="Each customer of the group: its number in Visma Business, and which one in Severa it is.",
            show_default=False,
        ),
    ],
    reason: Reason,
    by: By = None,
) -> None:
    """Say who is who among customers that share an id: all other pairs are different."""

    def action() -> int:
        from presync.cli.decisions import branches

        return branches(tenant, customers, reason=reason, by=by)

    context.obj.action = action


@app.command("answer", rich_help_panel=_DECIDE, context_settings=_HELP)
def _answer(
    context: typer.Context,
    *,
    tenant: Tenant,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="by_hand.xlsx or by_hand.csv of a report, filled in.")
    ],
    by: By = None,
) -> None:
    """Record what people filled into by_hand: all of it, or none."""

    def action() -> int:
        from presync.cli.decisions import answer

        return answer(tenant, file, by=by)

    context.obj.action = action


@app.command("start", rich_help_panel=_DECIDE, context_settings=_HELP)
def _start(
    context: typer.Context,
    *,
    tenant: Tenant,
    by: By = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="It arrived: never call again.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="It did not arrive: the next run may call.")] = False,
) -> None:
    """Settle a start whose outcome is unknown."""
    one_of("--confirm", confirm, "--reset", reset)

    def action() -> int:
        from presync.cli.decisions import settle_start

        return settle_start(tenant, confirm=confirm, by=by)

    context.obj.action = action


@app.command("accept-change", rich_help_panel=_DECIDE, context_settings=_HELP)
def _accept_change(
    context: typer.Context,
    *,
    tenant: Tenant,
    table: Annotated[
        str,
        typer.Argument(
            metavar="TABLE", help="E.g. severa.customers, or severa.customers.number.", show_default=False
        ),
    ],
    by: By = None,
) -> None:
    """Accept that a table or column has lost most of its content."""

    def action() -> int:
        from presync.cli.decisions import accept_change

        return accept_change(tenant, table, by=by)

    context.obj.action = action


@app.command("accept-systems", rich_help_panel=_DECIDE, context_settings=_HELP)
def _accept_systems(
    context: typer.Context,
    *,
    tenant: Tenant,
    reason: Reason = "",
    by: By = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was said.")] = False,
) -> None:
    """Accept that the two systems of the newest run belong to the same company."""

    def action() -> int:
        from presync.cli.decisions import accept_systems

        return accept_systems(tenant, withdraw=withdraw, reason=reason, by=by)

    context.obj.action = action


@app.command("diff", rich_help_panel=_RECORD, context_settings=_HELP)
def _diff(context: typer.Context, *, tenant: Tenant) -> None:
    """List findings that are new, open, waived or fixed."""

    def action() -> int:
        from presync.cli.history import diff

        return diff(tenant)

    context.obj.action = action


@app.command("accept-database", rich_help_panel=_DECIDE, context_settings=_HELP)
def _accept_database(
    context: typer.Context,
    *,
    tenant: Tenant,
    by: By = None,
    started: Annotated[bool, typer.Option("--started", help="The integration runs: never call.")] = False,
    not_started: Annotated[
        bool, typer.Option("--not-started", help="It was never started: a run may call.")
    ] = False,
) -> None:
    """Accept a control database that has forgotten a tenant."""
    one_of("--started", started, "--not-started", not_started)

    def action() -> int:
        from presync.cli.decisions import accept_database

        return accept_database(tenant, started=started, by=by)

    context.obj.action = action


@app.command("audit", rich_help_panel=_RECORD, context_settings=_HELP)
def _audit(
    context: typer.Context,
    *,
    tenant: TenantOrAll = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Follow the chain of all entries to its end.")
    ] = False,
) -> None:
    """List who decided and started what, and when; or verify that nobody has tampered with it."""
    one_of("TENANT", tenant is not None, "--verify", verify)

    def action() -> int:
        from presync.cli.history import audit, verify_audit

        return audit(tenant) if tenant is not None else verify_audit()

    context.obj.action = action


@app.command("retire", rich_help_panel=_OPERATE, context_settings=_HELP)
def _retire(context: typer.Context, *, tenant: Tenant, by: By = None) -> None:
    """Take out a company whose tenant file was removed: keep its audit trail, remove its data and reports."""

    def action() -> int:
        from presync.cli.retire import retire

        return retire(tenant, by=by)

    context.obj.action = action


@app.command("migrate", rich_help_panel=_OPERATE, context_settings=_HELP)
def _migrate(context: typer.Context) -> None:
    """Create or update the control database's tables."""

    def action() -> int:
        from presync.cli.migrate import migrate

        return migrate()

    context.obj.action = action
