"""The command about what would be: `presync simulate`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

_EXIT: Final = {"ready": 0, "blocked": 1, "error": 2}


def add_commands(commands: Any) -> None:
    """Add the command to `presync`'s parser."""
    simulate = commands.add_parser("simulate", help="what the verdict would be with all fix files applied")
    simulate.add_argument("tenant", metavar="TENANT", help="a tenant file, or a name in the tenants' folder")
    simulate.add_argument("--run", metavar="RUN", help="default: the newest that was checked completely")
    simulate.add_argument("--fixes", type=Path, metavar="FOLDER", help="default: those of the run's report")
    simulate.add_argument("--json", action="store_true", help="print the verdict and nothing else")
    simulate.set_defaults(command=_simulate)


def _simulate(options: argparse.Namespace) -> int:
    from presync.simulate import lines, simulate, tenant_of

    outcome = simulate(tenant_of(options.tenant), options.run, options.fixes)
    if options.json:
        print(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(outcome)))
    return _EXIT[outcome.verdict.status]
