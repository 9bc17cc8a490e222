"""What the fleet page's templates are filled with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from presync.airflow.web.links import company_path, mount_path, report_path
from presync.control.models import FilesRead
from presync.fleet.board import Board, Row, Wanted, moment_of, places_in_words, since_in_words
from presync.fleet.causes import Cause, Matrix
from presync.fleet.history import History
from presync.fleet.stage import STAGES, TITLES
from presync.languages.cldr import number
from presync.report.wording import plural
from presync.tenants.model import dag_id

LOOKS: Final = {
    "uncertain": ("error", "?"),
    "error": ("error", "?"),
    "broken": ("blocked", "✕"),
    "removed": ("warning", "–"),
    "blocked": ("blocked", "✕"),
    "answers": ("blocked", "✎"),
    "approval": ("warning", "…"),
    "expired": ("error", "!"),
    "ready": ("ready", "✓"),
    "unchecked": ("warning", "–"),
    "started": ("ready", "▶"),
    "retired": ("warning", "–"),
}
"""How a stage is drawn: the class and the sign."""

_FILES_ARE_OLD: Final = timedelta(minutes=15)
_KNOWN: Final = ("q", "stage", "owner", "country", "rule", "sort", "page")
_SORTED: Final = ("company", "go_live", "stage", "critical", "last")
_WIDTH, _HEIGHT = 84, 22
_MONTHS_WIDTH, _MONTHS_HEIGHT = 720, 180


def fleet_view(found: Board, wanted: Wanted, read: FilesRead | None, now: datetime) -> dict[str, Any]:
    """Return what the fleet page shows."""
    page = min(wanted.page, found.pages)
    late = read is None or now - read.at > _FILES_ARE_OLD
    return {
        "rows": [_row(row, now) for row in found.page(page)],
        "tiles": [_tile(stage, count, wanted) for stage, count in _tiles(found, wanted)],
        "sorts": {name: _sorted_by(name, wanted) for name in _SORTED},
        "shown": len(found.rows),
        "known": len(found.all),
        "page": page,
        "pages": [(n, address(wanted, page=n)) for n in range(1, found.pages + 1)],
        "files_read": moment_of(read.at) if read else None,
        "files_late": late,
        "back": query_of(wanted),
        **_common(found, wanted),
    }


def causes_view(found: Board, listed: Sequence[Cause], crossed: Matrix, wanted: Wanted) -> dict[str, Any]:
    """Return what the page of causes shows: the list, and companies crossed with the first of them."""
    most = max((len(cause.companies) for cause in listed), default=1)
    return {
        "causes": [
            {
                "name": cause.name,
                "suite": cause.suite_title,
                "problem": cause.problem,
                "count": len(cause.companies),
                "findings": number(cause.findings),
                "width": max(1, round(100 * len(cause.companies) / most)),
                "address": address(Wanted(rule=cause.name)),
                "companies": [
                    (row.title or row.tenant, company_path(dag_id(row.tenant)), count)
                    for row, count in cause.companies
                ],
            }
            for cause in listed
        ],
        "shown": len(found.rows),
        "matrix": _matrix(crossed, wanted),
        "stages_wanted": [TITLES[stage] for stage in STAGES if stage in wanted.stages],
        **_common(found, wanted),
    }


def _matrix(crossed: Matrix, wanted: Wanted) -> dict[str, Any]:
    def sorted_by(name: str, direction: str) -> dict[str, str]:
        state = direction if crossed.sort == name else "none"
        return {"address": causes_address(wanted, sort=name, page=1), "state": state}

    return {
        "company": sorted_by("company", "ascending"),
        "total": sorted_by("total", "descending"),
        "columns": [
            {
                "name": cause.name,
                "rule": cause.name.partition("/")[2].replace("_", " "),
                "suite": cause.suite_title,
                "problem": cause.problem,
                "fleet": address(wanted, rule=cause.name),
                **sorted_by(cause.name, "descending"),
            }
            for cause in crossed.causes
        ],
        "rows": [
            {
                "title": each.row.title or each.row.tenant,
                "address": company_path(dag_id(each.row.tenant)),
                "total": number(each.total),
                "cells": [
                    (number(count), _findings_of(each.row.tenant, cause.name), cause.problem)
                    if count
                    else None
                    for cause, count in zip(crossed.causes, each.counts, strict=True)
                ],
            }
            for each in crossed.companies
        ],
        "known": crossed.known,
        "page": crossed.page,
        "pages": [(n, causes_address(wanted, page=n)) for n in range(1, crossed.pages + 1)],
    }


def _findings_of(tenant: str, cause: str) -> str:
    """Return the address of a company's findings of a rule."""
    query = urlencode({"rule": cause.partition("/")[2]})
    return f"{company_path(dag_id(tenant))}?{query}#findings"


def history_view(found: History) -> dict[str, Any]:
    """Return what the page of the last twelve months shows."""
    weeks = found.weeks
    return {
        "weeks": [
            {"end": w.end.isoformat(), "checked": w.checked, "started": w.started, "open": w.open,
             "critical": number(w.critical)}
            for w in reversed(weeks)
        ],
        "open_line": _line([week.open for week in weeks], _MONTHS_WIDTH, _MONTHS_HEIGHT),
        "critical_line": _line([week.critical for week in weeks], _MONTHS_WIDTH, _MONTHS_HEIGHT),
        "most_open": number(max(week.open for week in weeks)),
        "most_critical": number(max(week.critical for week in weeks)),
        "first": weeks[0].end.isoformat(),
        "last": weeks[-1].end.isoformat(),
        "open": weeks[-1].open,
        "size": (_MONTHS_WIDTH, _MONTHS_HEIGHT),
        "ways": [(way, company_path(dag_id(way.tenant))) for way in found.ways],
        "typical": None if found.typical_days is None else plural(found.typical_days, "day"),
        "pace": f"{found.pace:.1f}",
        "forecast": found.forecast.isoformat() if found.forecast else None,
        "home": f"{mount_path()}/",
        "causes_address": f"{mount_path()}/causes",
        "history_address": f"{mount_path()}/history",
    }  # fmt: skip


def query_of(wanted: Wanted, **changes: Any) -> str:
    """Return the address's part after the question mark; what is as without it is left out."""
    values = {name: getattr(wanted, "stages" if name == "stage" else name) for name in _KNOWN} | changes
    values = {name: value for name, value in values.items() if value and (name, value) not in _DEFAULTS}
    return urlencode(values, doseq=True)


_DEFAULTS: Final = {("sort", "stage"), ("page", 1)}


def address(wanted: Wanted, **changes: Any) -> str:
    """Return the fleet page's address with these changes; the first page, unless one is named."""
    return f"{mount_path()}/?{query_of(wanted, **({'page': 1} | changes))}"


def causes_address(wanted: Wanted, **changes: Any) -> str:
    """Return the address of the page of causes, for the companies that are filtered for."""
    query = query_of(wanted, **changes)
    return f"{mount_path()}/causes{'?' if query else ''}{query}"


def back_to(query: str) -> str:
    """Return what of a query that came with a form may stand in an address."""
    kept = [(name, value) for name, value in parse_qsl(query, max_num_fields=50) if name in _KNOWN]
    return urlencode(kept)


def _common(found: Board, wanted: Wanted) -> dict[str, Any]:
    query = query_of(wanted, page=1)
    return {
        "wanted": wanted,
        "owners": found.owners,
        "countries": found.countries,
        "home": f"{mount_path()}/",
        "csv": f"{mount_path()}/fleet.csv?{query}",
        "json": f"{mount_path()}/api/tenants?{query}",
        "causes_address": causes_address(wanted, sort="", page=1),
        "history_address": f"{mount_path()}/history",
        "act": f"{mount_path()}/fleet",
        "filtered": bool(query_of(wanted, sort="", page=1)),
    }


def _tiles(found: Board, wanted: Wanted) -> list[tuple[str, int]]:
    """Return the stages that are there, and those that are filtered for although nothing is."""
    return [(s, found.tiles.get(s, 0)) for s in STAGES if s in found.tiles or s in wanted.stages]


def _tile(stage: str, count: int, wanted: Wanted) -> dict[str, Any]:
    chosen = stage in wanted.stages
    others = tuple(each for each in wanted.stages if each != stage)
    look, sign = LOOKS[stage]
    return {
        "title": TITLES[stage],
        "count": number(count),
        "look": look,
        "sign": sign,
        "chosen": chosen,
        "address": address(wanted, stage=others if chosen else (*wanted.stages, stage)),
    }


def _sorted_by(name: str, wanted: Wanted) -> dict[str, str]:
    """Return a column head's link, and how the rows are sorted by it now (`aria-sort`)."""
    state = {name: "ascending", f"-{name}": "descending"}.get(wanted.sort, "none")
    # most findings, and the newest run, are what one looks for first
    first, second = (f"-{name}", name) if name in {"critical", "last"} else (name, f"-{name}")
    return {"address": address(wanted, sort=second if wanted.sort == first else first), "state": state}


def _row(row: Row, now: datetime) -> dict[str, Any]:
    look, sign = LOOKS[row.standing.stage]
    dag = dag_id(row.tenant)
    return {
        "tenant": row.tenant,
        "title": row.title or row.tenant,
        "country": row.country,
        "owner": row.owner,
        "go_live": row.go_live.isoformat() if row.go_live else None,
        "days_left": _days(row.days_left),
        "late": row.days_left is not None and row.days_left < 14 and row.standing.stage not in _AT_THE_END,
        "look": look,
        "sign": sign,
        "stage": row.standing.title,
        "since": since_in_words(row.standing.since, now),
        "since_at": moment_of(row.standing.since),
        "reason": row.standing.reason,
        "next_step": row.standing.next,
        "critical": None if row.critical is None else number(row.critical),
        "places": places_in_words(row),
        "change": _change(row.change),
        "trend": _trend(row.trend),
        "at_work": row.standing.running_since is not None or row.queued,
        "last_state": _LAST.get(row.last_state, row.last_state),
        "last_at": moment_of(row.last_at),
        "next_run": "Paused" if row.paused else moment_of(row.next_run) if row.next_run else "On demand",
        "company": company_path(dag),
        "report": report_path(dag) if row.critical is not None else None,
        "in_airflow": f"{mount_path().removesuffix('/presync')}/dags/{quote(dag)}",
    }


_AT_THE_END: Final = frozenset({"started", "retired"})
_LAST: Final = {
    "ready": "Ready",
    "blocked": "Blocked",
    "error": "Not all checked",
    "running": "Under way",
    "no verdict": "No verdict",
    "": "–",
}


def _days(left: int | None) -> str | None:
    if left is None:
        return None
    if left == 0:
        return "today"
    return f"in {plural(left, 'day')}" if left > 0 else f"{plural(-left, 'day')} ago"


def _change(change: int | None) -> tuple[str, str, str] | None:
    """Return class, sign and words of a change since the run before."""
    if change is None:
        return None
    if change == 0:
        return "same", "=", "as many as in the run before"
    more = change > 0
    words = f"{abs(change)} {'more' if more else 'fewer'} than in the run before"
    return ("more" if more else "fewer"), f"{'+' if more else '−'}{abs(change)}", words


def _trend(points: Sequence[tuple[str, int]]) -> dict[str, str] | None:
    if len(points) < 2:
        return None
    spoken = f"from {points[0][1]} on {points[0][0]} to {points[-1][1]} on {points[-1][0]}"
    return {"line": _line([count for _, count in points], _WIDTH, _HEIGHT), "spoken": spoken}


def _line(values: Sequence[int], width: int, height: int) -> str:
    """Return the points of a drawn line, from the left to the right, zero at the bottom."""
    most = max([*values, 1])
    step = (width - 4) / max(1, len(values) - 1)
    return " ".join(
        f"{2 + i * step:.1f},{height - 2 - (height - 4) * value / most:.1f}" for i, value in enumerate(values)
    )
