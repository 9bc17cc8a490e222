"""The command that begins a tenant file: `presync init`."""

from __future__ import annotations

import sys
from pathlib import Path

from presync import settings
from presync.errors import ConfigurationError
from presync.staging.leftovers import scratch


def init(
    tenant: str,
    output: Path | None,
    *,
    visma_business: str | None,
    severa: str | None,
    force: bool,
    partial: bool,
) -> int:
    """Look at both systems, write the tenant file, and return the exit code."""
    import logging

    from presync.airflow import in_process
    from presync.new_tenant.begin import Request, begin, provisional, refuse_early
    from presync.new_tenant.connections import System, Terminal, connections, default_id

    request = Request(tenant, output or _default_output(tenant), force, partial)
    refuse_early(request)
    wanted: dict[System, str] = {
        "visma_business": visma_business or default_id("visma_business", request.tenant),
        "severa": severa or default_id("severa", request.tenant),
    }
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    log = settings.local_data() / "logs" / f"init-{request.tenant}.log"
    with scratch("init") as folder, in_process.output_to(log) as answer:
        # Airflow takes the connections of the tenants that it is given
        file = folder / f"{request.tenant}.yaml"
        file.write_text(provisional(request, wanted).model_dump_json(by_alias=True, exclude_unset=True))
        with in_process.home(file):
            logging.disable(logging.INFO)
            try:
                return begin(request, connections(wanted, Terminal(answer) if interactive else None), answer)
            finally:
                logging.disable(logging.NOTSET)


def _default_output(tenant: str) -> Path:
    folder = settings.tenants_folder()
    if not folder.is_dir():
        raise ConfigurationError(
            f"{folder} is not a folder of tenant files; say with `--output` where to write, or set "
            "PRESYNC_TENANTS"
        )
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    return shown / f"{tenant}.yaml"
