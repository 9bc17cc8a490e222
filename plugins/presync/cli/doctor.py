"""`presync doctor`: what a check of this company will meet on both sides, before anybody relies on it.

Exit codes as `presync check`: 0 everything can be read, 1 it can, but the check will say `blocked` (a map or
an answer is missing), 2 something cannot be read.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from presync import settings
from presync.airflow import in_process
from presync.cli.tenant_argument import existing_file
from presync.decisions.answers import decided_answers
from presync.errors import PresyncError
from presync.sources.inspection import LEVELS, Level, Line
from presync.tenants.answers import with_answers
from presync.tenants.entities import ENTITIES
from presync.tenants.model import Tenant, load_tenant
from presync.text.secrecy import log_trace

_EXIT: Final[dict[Level, int]] = {"ok": 0, "warning": 0, "blocks": 1, "error": 2}


def doctor(typed: str) -> int:
    """Look at a company's systems, print what can be read, and return the exit code."""
    file = existing_file(typed)
    log = settings.local_data() / "logs" / f"doctor-{file.stem}.log"
    with in_process.output_to(log) as answer, in_process.home(file.absolute()):
        return diagnose(file, answer)


def diagnose(path: Path, out: TextIO) -> int:
    """Print a line for everything looked at, and return the exit code. Raises TenantFileError."""
    tenant = load_tenant(path)
    logging.disable(logging.INFO)
    worst: Level = "ok"
    try:
        for heading, lines in _sections(tenant):
            print(heading, file=out)
            for line in _guarded(lines):
                print(f"  {line}", file=out, flush=True)
                worst = max(worst, line.level, key=LEVELS.index)
    finally:
        logging.disable(logging.NOTSET)
    print(_conclusion(tenant, worst), file=out)
    return _EXIT[worst]


def _guarded(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines; a defect of ours is an error, too, and never looks like the end of a list."""
    try:
        yield from lines
    except Exception as error:  # whatever it is, nothing after it was looked at
        log_trace(logging.getLogger(__name__), "looking at a source stopped unexpectedly", error)
        yield Line("error", f"the look stopped unexpectedly ({type(error).__name__}); see the log")


def _sections(tenant: Tenant) -> Iterator[tuple[str, Iterator[Line]]]:
    from presync.sources.severa.inspect import look_at_severa
    from presync.sources.visma_business.inspect import look_at_business

    yield f"{tenant.tenant}: {tenant.title}", _answers(tenant)
    yield f"Visma Business ({tenant.connection_id('visma_business')})", look_at_business(tenant)
    yield f"Severa ({tenant.connection_id('severa')})", iter(look_at_severa(tenant))


def _answers(tenant: Tenant) -> Iterator[Line]:
    try:
        tenant = with_answers(tenant, decided_answers(tenant))
    except PresyncError as error:
        yield Line("error", error.message)
        return
    missing = [entity for entity in ENTITIES if tenant.transfer.answer(entity) is None]
    if missing:
        yield Line(
            "blocks",
            f"nobody has answered yet what transfers of {', '.join(missing)} (`transfer`; `presync decide`)",
        )
    else:
        yield Line("ok", "the five questions about what transfers are answered")


def _conclusion(tenant: Tenant, worst: Level) -> str:
    said = {
        "ok": "everything can be read; run `presync check`",
        "warning": "everything can be read; mind the warnings, then run `presync check`",
        "blocks": "everything can be read, but the verdict will be `blocked` until the above is corrected",
        "error": "not everything can be read: until that is corrected, a check ends in `error`",
    }
    return f"{tenant.tenant}: {said[worst]}"
