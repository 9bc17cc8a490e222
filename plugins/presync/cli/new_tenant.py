"""The command that begins a tenant file: `presync init`."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from presync import settings
from presync.errors import ConfigurationError


def add_commands(commands: Any) -> None:
    """Add the command to `presync`'s parser."""
    init = commands.add_parser("init", help="begin a tenant file with a look at both systems")
    init.add_argument(
        "tenant", metavar="TENANT", type=_tenant_name, help="name of the onboarding, e.g. nordlys"
    )
    init.add_argument(
        "--output", type=Path, metavar="FILE", help="default: TENANT.yaml in the tenants' folder"
    )
    init.add_argument("--visma-business", metavar="CONNECTION", help="default: visma_business__TENANT")
    init.add_argument("--severa", metavar="CONNECTION", help="default: severa__TENANT")
    init.add_argument("--force", action="store_true", help="replace the file if there is one")
    init.add_argument(
        "--partial", action="store_true", help="write it even if one system cannot be looked at"
    )
    init.set_defaults(command=_init, known_tenant=False)


def _tenant_name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?", text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no tenant's name: lower-case letters, digits and dashes, at most 50"
        )
    return text


def _init(options: argparse.Namespace) -> int:
    import logging

    from presync.airflow import in_process
    from presync.new_tenant.begin import Request, begin, provisional, refuse_early
    from presync.new_tenant.connections import System, Terminal, connections, default_id

    request = Request(options.tenant, _output(options), options.force, options.partial)
    refuse_early(request)
    wanted: dict[System, str] = {
        "visma_business": options.visma_business or default_id("visma_business", request.tenant),
        "severa": options.severa or default_id("severa", request.tenant),
    }
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    log = settings.local_data() / "logs" / f"init-{request.tenant}.log"
    with tempfile.TemporaryDirectory() as scratch, in_process.output_to(log) as answer:
        # Airflow takes the connections of the tenants that it is told of
        file = Path(scratch) / f"{request.tenant}.yaml"
        file.write_text(provisional(request, wanted).model_dump_json(by_alias=True, exclude_unset=True))
        with in_process.home(file):
            logging.disable(logging.INFO)
            try:
                return begin(request, connections(wanted, Terminal(answer) if interactive else None), answer)
            finally:
                logging.disable(logging.NOTSET)


def _output(options: argparse.Namespace) -> Path:
    if options.output:
        return Path(options.output)
    folder = settings.tenants_folder()
    if not folder.is_dir():
        raise ConfigurationError(
            f"{folder} is no folder of tenant files; say with `--output` where to write, or set "
            "PRESYNC_TENANTS"
        )
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    return shown / f"{options.tenant}.yaml"
