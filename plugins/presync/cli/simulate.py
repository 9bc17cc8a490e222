"""The command about what would be: `presync simulate`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

from presync.cli.tenant_argument import tenant_of
from presync.tenants.model import ENTITIES, Entity

_EXIT: Final = {"ready": 0, "blocked": 1, "error": 2}


def add_commands(commands: Any) -> None:
    """Add the command to `presync`'s parser."""
    simulate = commands.add_parser("simulate", help="what the verdict would be with all fix files applied")
    simulate.add_argument("tenant", metavar="TENANT", help="a tenant's name, or its file")
    simulate.add_argument("--run", metavar="RUN", help="default: the newest that was checked completely")
    simulate.add_argument("--fixes", type=Path, metavar="FOLDER", help="default: those of the run's report")
    simulate.add_argument(
        "--exclude",
        type=_entities,
        default=(),
        metavar="ENTITY[,ENTITY]",
        help="apply the proposed exclusion lists of these entities too, with the answers they need",
    )
    simulate.add_argument("--lists", type=Path, metavar="FOLDER", help="default: those of the run's report")
    simulate.add_argument("--json", action="store_true", help="print the verdict and nothing else")
    simulate.set_defaults(command=_simulate)


def _entities(text: str) -> tuple[Entity, ...]:
    wanted = [name.strip() for name in text.split(",")]
    unknown = [name for name in wanted if name not in ENTITIES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is none of {', '.join(ENTITIES)}")
    return tuple(entity for entity in ENTITIES if entity in wanted)


def _simulate(options: argparse.Namespace) -> int:
    from presync.rehearsal.simulate import lines, simulate

    outcome = simulate(tenant_of(options.tenant), options.run, options.fixes, options.exclude, options.lists)
    if options.json:
        print(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(outcome)))
    return _EXIT[outcome.verdict.status]
