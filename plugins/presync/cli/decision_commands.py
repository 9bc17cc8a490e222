"""What people decide, as it can be typed: waivers, answers, pairs, settled starts, corrections to apply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from presync.cli.arguments import (
    BusinessCode,
    By,
    EntityName,
    Finding,
    Reason,
    SeveraGuid,
    Tenant,
    at_most_one_of,
    day,
    entities,
    one_of,
    plan_digest,
    registers,
)
from presync.cli.command_line import CODES, DECIDE, HELP, app


@app.command("apply", rich_help_panel=DECIDE, context_settings=HELP)
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
        int | None, typer.Option(metavar="N", min=1, help="At most this many records, e.g. 1 as a trial.")
    ] = None,
    fill_empty: Annotated[
        bool,
        typer.Option("--fill-empty", help="Also records without a number: Severa may not take it back."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Write it. Without it: only say what would be written.")
    ] = False,
    digest: Annotated[
        str | None,
        typer.Option(
            metavar="HEX", help="Write only the plan that was printed with this digest.", parser=plan_digest
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after an interruption.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Give every record its previous value back.")] = False,
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
    show: Annotated[bool, typer.Option("--journal", help="Print everything that was ever written.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The journal as CSV.")] = False,
    by: By = None,
) -> None:
    """Write approved corrections to Severa, or take them back."""
    ways = {"--yes": yes, "--resume": resume, "--undo": undo}
    ways |= {"--journal": show or as_csv, "--visma-business": business is not None}
    at_most_one_of(ways)
    options = {"--fixes": fixes, "--only": only, "--at-most": at_most, "--fill-empty": fill_empty or None}
    options |= {"--plan": plan, "--exclude": exclude, "--digest": digest}
    _refuse_without_effect(next((way for way, given in ways.items() if given), ""), options)
    excluded = entities(exclude) if exclude is not None else ()

    def action() -> int:
        from presync.apply.model import Options
        from presync.cli.apply import Wish, apply, show_journal, write_business

        if show or as_csv:
            return show_journal(tenant, as_csv=as_csv)
        if business is not None:
            return write_business(tenant, business, fixes, excluded)
        asked = Options(registers(only), at_most, fixes.absolute() if fixes else None, fill_empty)
        return apply(tenant, asked, Wish(yes, digest or "", resume, undo, plan), by)

    registers(only)
    context.obj.action = action


_EFFECT: Final = {
    **dict.fromkeys(("--only", "--at-most", "--fill-empty"), ("", "--yes")),
    "--fixes": ("", "--yes", "--visma-business"),
    "--digest": ("--yes",),
    "--plan": ("--resume", "--undo"),
    "--exclude": ("--visma-business",),
}
"""With which way of applying an option has an effect: what is resumed or taken back is a whole plan."""


def _refuse_without_effect(way: str, options: Mapping[str, object]) -> None:
    """Refuse options that somebody could rely on and that would do nothing."""
    for name, value in options.items():
        if value is not None and way not in _EFFECT[name]:
            said = f"with {way}" if way else f"without {' or '.join(_EFFECT[name])}"
            raise typer.BadParameter(f"{name} has no effect {said}")


@app.command("waive", rich_help_panel=DECIDE, context_settings=HELP)
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


@app.command("unwaive", rich_help_panel=DECIDE, context_settings=HELP)
def _unwaive(context: typer.Context, *, tenant: Tenant, finding: Finding, by: By = None) -> None:
    """Withdraw a waiver."""

    def action() -> int:
        from presync.cli.decisions import unwaive

        return unwaive(tenant, finding, by=by)

    context.obj.action = action


@app.command("decide", rich_help_panel=DECIDE, context_settings=HELP)
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


@app.command("confirm-pair", rich_help_panel=DECIDE, context_settings=CODES)
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


@app.command("unconfirm-pair", rich_help_panel=DECIDE, context_settings=CODES)
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


@app.command("branches", rich_help_panel=DECIDE, context_settings=CODES)
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


@app.command("answer", rich_help_panel=DECIDE, context_settings=HELP)
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


@app.command("start", rich_help_panel=DECIDE, context_settings=HELP)
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


@app.command("accept-change", rich_help_panel=DECIDE, context_settings=HELP)
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


@app.command("accept-systems", rich_help_panel=DECIDE, context_settings=HELP)
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


@app.command("accept-database", rich_help_panel=DECIDE, context_settings=HELP)
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
