"""The command `presync` itself, to which `commands.py` and `decision_commands.py` add theirs."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from presync import __version__

CHECK, DECIDE, RECORD, OPERATE = "Check a company", "Decide", "Look back", "Operate"
"""Under which headings `presync --help` lists the commands."""
HELP: Final = {"help_option_names": ["-h", "--help"]}
CODES: Final = {**HELP, "ignore_unknown_options": True}
"""For commands that take a code, which may begin with a dash: -7 is a customer number and not an option."""

app = typer.Typer(
    name="presync",
    help="May the Visma Business - Severa integration be started for a company, and if not, who must change "
    "what?",
    epilog="Exit codes: 0 fine (check: ready), 1 blocked, 2 error (not checked, or a file is broken), "
    "64 wrong usage. Standard output holds the answer, standard error what went wrong.",
    context_settings=HELP,
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
