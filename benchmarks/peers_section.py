"""The section about other tools: the same rules over the same data in Soda, dbt and plain Great Expectations.

Each is a program of its own in `.venv-peers`, written as its documentation has it (`benchmarks/peers/`). Its
cost is all of its process, and of PostgreSQL where it works there. Loading the data is counted for nobody.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.company import Company
from benchmarks.measuring import Cost
from benchmarks.report import Report

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

_HOME: Final = Path(__file__).resolve().parents[1]
_PEERS: Final = _HOME / "benchmarks" / "peers"
PYTHON: Final = _HOME / ".venv-peers" / "bin" / "python"
_DATABASE: Final = "peers"
# Severa's customer counter lies in Visma Business' series, so that the rules about series find something.
_NEXT_CUSTOMER: Final = 3_000_000
_LOADED: Final = {
    "visma_business": ("associates", "customer_series", "voucher_series", "invoice_numbers"),
    "severa": ("customers", "invoices", "organizationsettings"),
}
_TYPES: Final = {"string": "text", "int64": "bigint", "bool": "boolean"}
# What a user writes for each; a comment or an empty line is not counted.
_WRITTEN: Final = {
    "Soda": ("postgresql/*.sql", "soda/*.yml", "soda/contracts/*.yml", "soda/*.py"),
    "dbt": ("dbt/*.yml", "dbt/m*/**/*.yml", "dbt/m*/**/*.sql", "dbt/tests/*.sql", "dbt/modules/*.py"),
    "Great Expectations": ("postgresql/*.sql", "great_expectations/*.py"),
}
_LEAVES: Final = {
    "Presync, three suites": "every finding with its message and fix",
    "Presync, everything": "every finding with its message and fix",
    "Soda": "a number for each check",
    "dbt": "a table of failing rows for each test",
    "Great Expectations": "a number for each expectation; up to 200 rows if configured",
}

Findings = Mapping[str, int]


@dataclass(frozen=True)
class Run:
    """What a program cost, all its processes and PostgreSQL's share included, and what it found."""

    cost: Cost
    server: float
    findings: Findings


def peers(report: Report, sizes: list[int], scratch: Path) -> None:
    """The same rules in every tool, in turn; raises RuntimeError if two find differently."""
    report.section(
        "Beside Soda, dbt and plain Great Expectations",
        "The rules about customers, customer and invoice numbers that can be written in SQL, over the same "
        "data: each tool as its documentation has it, whole processes with imports, and PostgreSQL's work "
        "where the tool works there. Loading is counted for nobody. A run in which two find differently "
        "breaks off.",
    )
    if not PYTHON.exists():
        report.say("Left out: there is no .venv-peers (`scripts/bootstrap.sh --bench`).")
        return
    rows: list[tuple[object, ...]] = []
    for size in sizes:
        folder = scratch / f"peers-{size}"
        Company(folder).make(size, _NEXT_CUSTOMER)
        rounds = 3 if size <= 10_000 else 1
        runs = measured(folder, rounds)
        found = agreed({name: each[0].findings for name, each in runs.items()})
        rows += [_row(size, name, each, found) for name, each in runs.items()]
        report.numbers[f"peers {size}"] = {"findings": found, "runs": runs}
    header = ("customers", "by", "findings", "CPU s", "of it PostgreSQL", "wall s", "lines written", "leaves")
    report.table(header, rows)


def measured(folder: Path, rounds: int) -> dict[str, list[Run]]:
    """Run every tool in turn, over the company in the folder; return the runs of each."""
    with _server(folder) as server:
        tools: dict[str, Callable[[], Run]] = {
            "Presync, three suites": lambda: _presync(folder),
            "Presync, everything": lambda: _presync(folder, "--all"),
            "Soda": lambda: _on_postgresql(server, "soda/verify.py"),
            "dbt": lambda: _dbt(folder),
            "Great Expectations": lambda: _on_postgresql(server, "great_expectations/validate.py"),
        }
        turns = [{name: tool() for name, tool in tools.items()} for _ in range(rounds)]
    return {name: [turn[name] for turn in turns] for name in tools}


def agreed(findings: Mapping[str, Findings]) -> dict[str, int]:
    """Return what all found, rule by rule; raise RuntimeError if they do not agree."""
    (first, expected), *others = findings.items()
    for name, found in others:
        odd = {rule for rule in {*expected, *found} if expected.get(rule) != found.get(rule)}
        if odd:
            told = {rule: (expected.get(rule), found.get(rule)) for rule in sorted(odd)}
            raise RuntimeError(f"{first} and {name} find differently: {told}")
    return dict(expected)


def lines_written(name: str) -> int | str:
    """Return how many lines a user of this tool writes for these rules (for Presync: its tenant file)."""
    if name not in _WRITTEN:
        return "a tenant file"
    files = {path for pattern in _WRITTEN[name] for path in _PEERS.glob(pattern)}
    texts = [path.read_text(encoding="utf-8").splitlines() for path in sorted(files)]
    return sum(1 for lines in texts for line in lines if line.strip() and not _is_comment(line))


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("--", "#", '"""'))


def _row(size: int, name: str, runs: list[Run], found: Findings) -> tuple[object, ...]:
    cpu, wall, server = (
        float(statistics.median(values))
        for values in (
            [run.cost.cpu for run in runs],
            [run.cost.wall for run in runs],
            [run.server for run in runs],
        )
    )
    return (size, name, sum(found.values()), cpu, server, wall, lines_written(name), _LEAVES[name])


@contextmanager
def _server(folder: Path) -> Iterator[Postgres]:
    """Start a PostgreSQL with both systems' tables in it; the checks' views are each tool's own business."""
    from tests.support.postgres import start_postgres

    with tempfile.TemporaryDirectory(prefix="presync-peers-") as place:
        Path(place).chmod(0o755)  # PostgreSQL runs as somebody else
        server = start_postgres(Path(place))
        try:
            with server.connect() as connection:
                connection.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0 LOCALE 'C.UTF-8'")
            with server.connect(_DATABASE) as connection:
                _load(connection, folder)
            yield server
        finally:
            server.stop()


def _load(connection: Any, folder: Path) -> None:
    import pyarrow.parquet as pq

    for system, names in _LOADED.items():
        connection.execute(f"CREATE SCHEMA {system}")
        for name in names:
            table = pq.read_table(folder / system / f"{name}.parquet")
            columns = ", ".join(f'"{field.name}" {_TYPES[str(field.type)]}' for field in table.schema)
            connection.execute(f"CREATE TABLE {system}.{name} ({columns})")
            with connection.cursor().copy(f"COPY {system}.{name} FROM STDIN") as copy:
                for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                    copy.write_row(row)
    connection.execute("ANALYZE")


def _presync(folder: Path, *options: str) -> Run:
    return _run([sys.executable, "-m", "benchmarks.peers_product", str(folder), *options], {})


def _on_postgresql(server: Postgres, script: str) -> Run:
    """Prepare the views, then let the tool check them; both are counted."""
    from tests.support.postgres import PASSWORD, USER

    with server.connect(_DATABASE) as connection:
        connection.execute("DROP SCHEMA IF EXISTS checks CASCADE")
    before, started = _server_cpu(server), time.monotonic()
    with server.connect(_DATABASE) as connection:
        connection.execute((_PEERS / "postgresql" / "prepare.sql").read_text(encoding="utf-8"))
    url = f"postgresql+psycopg://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{server.port}/{_DATABASE}"
    environment = {
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": str(server.port),
        "POSTGRES_USER": USER,
        "POSTGRES_PW": PASSWORD,
        "POSTGRES_DB": _DATABASE,
        "POSTGRES_URL": url,
    }
    run = _run([str(PYTHON), str(_PEERS / script)], environment)
    worked = _server_cpu(server) - before
    return Run(Cost(run.cost.cpu + worked, time.monotonic() - started), worked, run.findings)


def _dbt(folder: Path) -> Run:
    """Run `dbt run` and `dbt test`: `dbt build` skips what builds on a model whose test fails."""
    with tempfile.TemporaryDirectory(prefix="presync-dbt-") as scratch:
        project = str(_PEERS / "dbt")
        places = ["--project-dir", project, "--profiles-dir", project]
        places += ["--target-path", f"{scratch}/target", "--log-path", f"{scratch}/logs"]
        environment = {"EXTRACTS": str(folder), "DBT_DATABASE": f"{scratch}/dbt.duckdb"}
        environment["DBT_MODULES"] = f"{project}/modules"
        dbt, cost = str(PYTHON.with_name("dbt")), Cost()
        for command, succeeds in (("run", True), ("test", False)):
            cost.add(_run([dbt, command, *places], environment, succeeds=succeeds).cost)
        results = json.loads((Path(scratch) / "target" / "run_results.json").read_text())["results"]
    counts: dict[str, int] = {}
    for result in results:
        if result["status"] in {"error", "skipped"}:
            raise RuntimeError(f"dbt could not run {result['unique_id']}: {result['message']}")
        if result["unique_id"].startswith("test."):
            suite, rule, *_ = result["unique_id"].split(".")[2].split("__")
            counts[f"{suite}/{rule}"] = counts.get(f"{suite}/{rule}", 0) + result["failures"]
    return Run(cost, 0.0, counts)


def _run(command: list[str], environment: Mapping[str, str], succeeds: bool = True) -> Run:
    """Run a program; return its CPU seconds with its children's. dbt ends with 1 if a test fails."""
    quiet = {
        "GX_ANALYTICS_ENABLED": "false",
        "SODA_CORE_TELEMETRY_ENABLED": "false",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, cwd=_HOME, env={**os.environ, **quiet, **environment}, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode and (succeeds or process.returncode != 1):
        raise RuntimeError(f"{command[:3]} ended with {process.returncode}:\n{text[-3000:]}")
    told = re.search(r"^findings: (.*)$", text, re.MULTILINE)
    cost = Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - started)
    return Run(cost, 0.0, json.loads(told[1]) if told else {})


def _server_cpu(server: Postgres) -> float:
    """Return the CPU seconds of PostgreSQL and of all its processes, ended ones included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile: its parent has its time
        if int(stat.parent.name) == server.pid:
            ticks += sum(int(value) for value in fields[11:15])
        elif int(fields[1]) == server.pid:
            ticks += sum(int(value) for value in fields[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")
