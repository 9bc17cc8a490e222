"""What a person at a terminal sees beside the plain lines that programs read: colour, and progress.

Where standard output is not a terminal, every line is printed exactly as it is. Progress goes to standard
error, and only if that is a terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

_STYLES: Final = {
    "READY": "bold green",
    "BLOCKED": "bold red",
    "ERROR": "bold red",
    "critical": "red",
    "warning": "yellow",
    "passed": "green",
    "failed": "red",
    "error": "red",
}


def person() -> bool:
    """Tell whether a person reads standard output; programs get plain lines."""
    return sys.stdout.isatty()


def show_table(title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for a person: numbers to the right, states in colour."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left")
    for header in headers:
        table.add_column(Text(header), overflow="fold")
    for row in rows:
        cells = [
            Text(
                _seen(value),
                style=_STYLES.get(str(value), ""),
                justify="right" if isinstance(value, int) else "left",
            )
            for value in row
        ]
        table.add_row(*cells)
    Console(highlight=False).print(table)


def show_line(line: str) -> None:
    """Print a line for a person; its first words may be a verdict."""
    from rich.console import Console
    from rich.text import Text

    text = Text(_seen(line))
    for word in line.split(maxsplit=2)[:2]:
        if style := _STYLES.get(word):
            text.highlight_words([word], style)
    Console(highlight=False).print(text, soft_wrap=True)


def _seen(value: object) -> str:
    """Return a value without control characters: what a system holds must not steer somebody's terminal."""
    return "".join(each if each.isprintable() else " " for each in str(value))


@contextmanager
def progress(what: str, steps: int) -> Iterator[Callable[[str, str], None] | None]:
    """Yield what to call with each finished task's name and state; None where nobody is looking.

    It writes to what standard error was before: while a company is checked, that leads to the log.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8") as sight:
        bar = Progress(
            *columns,
            console=Console(file=sight, force_terminal=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with bar:
            task = bar.add_task(what, total=steps)

            def step(name: str, state: str) -> None:
                bar.update(task, advance=1, description=f"{what}: {name} {state}")

            yield step
