"""What can be typed, as Typer reads it: every command but the decisions (`decision_commands`).

A command here only says what is to be done (`Request.action`). `main` does it, so that wrong usage, errors
and findings have exit codes of their own, and so that nothing heavy is imported before it is needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from presync.cli.arguments import (
    AsJson,
    By,
    Tenant,
    TenantOrAll,
    entities,
    new_name,
    one_of,
)
from presync.cli.command_line import CHECK, HELP, OPERATE, RECORD, app


@app.command("check", rich_help_panel=CHECK, context_settings=HELP)
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


@app.command("validate", rich_help_panel=CHECK, context_settings=HELP)
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


@app.command("show", rich_help_panel=CHECK, context_settings=HELP)
def _show(context: typer.Context, *, tenant: Tenant, as_json: AsJson = False) -> None:
    """Say what is in force for a company, and where each value comes from."""

    def action() -> int:
        from presync.cli.show import show

        return show(tenant, as_json=as_json)

    context.obj.action = action


@app.command("doctor", rich_help_panel=CHECK, context_settings=HELP)
def _doctor(context: typer.Context, *, tenant: Tenant) -> None:
    """Show what can be read of a company and what cannot."""

    def action() -> int:
        from presync.cli.doctor import doctor

        return doctor(tenant)

    context.obj.action = action


@app.command("simulate", rich_help_panel=CHECK, context_settings=HELP)
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


@app.command("init", rich_help_panel=CHECK, context_settings=HELP)
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


@app.command("diff", rich_help_panel=RECORD, context_settings=HELP)
def _diff(context: typer.Context, *, tenant: Tenant) -> None:
    """List findings that are new, open, waived or fixed."""

    def action() -> int:
        from presync.cli.history import diff

        return diff(tenant)

    context.obj.action = action


@app.command("audit", rich_help_panel=RECORD, context_settings=HELP)
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


@app.command("retire", rich_help_panel=OPERATE, context_settings=HELP)
def _retire(context: typer.Context, *, tenant: Tenant, by: By = None) -> None:
    """Take out a company whose tenant file was removed: keep its audit trail, remove its data and reports."""

    def action() -> int:
        from presync.cli.retire import retire

        return retire(tenant, by=by)

    context.obj.action = action


@app.command("migrate", rich_help_panel=OPERATE, context_settings=HELP)
def _migrate(
    context: typer.Context,
    *,
    run_as: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help="PostgreSQL role that Presync runs as."),
    ] = None,
) -> None:
    """Create or update the control database's tables."""

    def action() -> int:
        from presync.cli.migrate import migrate

        return migrate(run_as)

    context.obj.action = action


TranslationsWay = Literal["export", "import"]


@app.command("translations", rich_help_panel=OPERATE, context_settings=HELP)
def _translations(
    context: typer.Context,
    *,
    what: Annotated[TranslationsWay, typer.Argument(metavar="export|import")],
    language: Annotated[str, typer.Argument(metavar="LANGUAGE", help="As in a tenant file, e.g. fi.")],
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx")],
) -> None:
    """Write a language's texts for a native reader, or read them back."""

    def action() -> int:
        from presync.cli import translations

        return (translations.export if what == "export" else translations.take)(language, file)

    context.obj.action = action
