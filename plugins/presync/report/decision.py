"""What the gate decided, as a report shows it: both never differ.

A report is made before the gate decides, so one of a `ready` run says at first that the gate has not
decided. The gate then opens it (`show_open`), or replaces it by what it knows better (`show_refused`). A gate
that dies in between leaves a report that does not say `ready`. After a start the report says what became of
it (`show_start`), and once a person has settled an uncertain one, what that person found (`show_settled`).
"""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import IO, Any, Final

from presync.errors import PresyncError
from presync.languages.speaking import LANGUAGES, speaking
from presync.report.build import build_report
from presync.report.pages.render import render_banner, render_message
from presync.report.published import Shelf
from presync.staging.store import RunStore, folder_name
from presync.tenants.model import Tenant
from presync.text.secrecy import log_trace
from presync.verdict.history import recall, recorded_start
from presync.verdict.model import Problem, Verdict

_BANNER: Final = re.compile(r"<!--gate-->.*?<!--/gate-->\n?", re.DOTALL)
_TITLE: Final = re.compile(r"<title>.*?</title>", re.DOTALL)
_HEADING: Final = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
_LANGUAGE: Final = re.compile(r'<html lang="(\w+)">')
CHANGING: Final = frozenset({"index.html", "verdict.json", *(f"index.{each}.html" for each in LANGUAGES)})
"""Files of a report that say whether the gate is open."""
log = logging.getLogger(__name__)


def show_open(store: RunStore, until: datetime | None) -> None:
    """Say on a run's report that the gate is open, and until when."""
    _amend(store, {"gate": _gate("open", until)})


def show_start(store: RunStore) -> None:
    """Say on a run's report what is recorded of the start. It never raises: what was started is started."""
    try:
        if shown(store) and (recorded := recorded_start(store.tenant)):
            _amend(store, {"start": recorded})
    except Exception as error:
        log_trace(log, f"the report of run {store.run_id} does not say what became of the start", error)


def show_settled(tenant: str) -> None:
    """Say on every report of a tenant that speaks of its start what a person has found out about it.

    It never raises: what was settled is settled.
    """
    try:
        published = Shelf(tenant).published()
    except Exception as error:
        log_trace(log, f"the reports of {tenant} do not say what became of the start", error)
        return
    for report in published:
        store = RunStore(tenant, report.run_id)
        told = shown(store) or {}
        if told.get("start") is not None or told.get("status") == "ready":
            show_start(store)


def _amend(store: RunStore, changed: Mapping[str, Any]) -> None:
    shelf = Shelf(store.tenant, root=store.root)
    with shelf.amending(folder_name(store.run_id)) as folder:
        values = {**json.loads((folder / "verdict.json").read_text(encoding="utf-8")), **changed}
        texts = {"verdict.json": _json(values)}
        for path in folder.glob("index*.html"):
            page = path.read_text(encoding="utf-8")
            texts[path.name] = banner_replaced(page, _title_of(page, store.tenant), values)
        for name, text in texts.items():
            (folder / name).unlink()  # it may be a link to the report that is shown meanwhile
            (folder / name).write_text(text, encoding="utf-8")


def show_refused(tenant: Tenant, store: RunStore, verdict: Verdict) -> None:
    """Replace a run's report by that of the verdict on which the gate decided, and which is not `ready`.

    What cannot be shown in full is shown in short; if not even that can be written, there is no report. It
    never raises: what the gate decided must not be hidden by a report that fails.
    """
    shelf = Shelf(tenant.tenant, root=store.root)
    decided = _gate("shut")
    try:
        build_report(tenant, store, verdict, recall(store, verdict), gate=decided)
    except Exception as error:
        log_trace(
            log, f"the report of run {store.run_id} cannot be made again: a short one replaces it", error
        )
        try:
            shelf.withdraw(store.run_id)
            _show_short(tenant, shelf, verdict, decided)
        except Exception as failure:
            log_trace(log, f"no report of run {store.run_id} can be written", failure)


def undecided(verdict: Verdict, error: BaseException) -> Verdict:
    """Return the verdict of a run whose gate broke off: `error`, with the reason."""
    reason = error.message if isinstance(error, PresyncError) else f"it broke off ({type(error).__name__})"
    message = (
        f"the gate could not decide: {reason.rstrip('.')}. What the gate has not opened must not be started. "
        "Clear the task gate once the cause is corrected."
    )
    return replace(verdict, status="error", errors=(*verdict.errors, Problem("gate", message)))


def shown(store: RunStore) -> Mapping[str, Any] | None:
    """Return the `verdict.json` of a run's report, or None if there is none that can be read."""
    published = RunStore(store.tenant, store.run_id, area="reports", root=store.root)
    try:
        values = json.loads((published.fetch("") / "verdict.json").read_text(encoding="utf-8"))
    except (PresyncError, OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


def refused_by_gate(values: Mapping[str, Any]) -> bool:
    """Tell whether it was the gate that replaced a report, so that it may be made again."""
    gate = values.get("gate")
    return isinstance(gate, Mapping) and gate.get("state") == "shut" and bool(gate.get("decided_at"))


def banner_replaced(page: str, title: str, values: Mapping[str, Any]) -> str:
    """Return a first page that says what `values`, a `verdict.json`, say now."""
    said = _LANGUAGE.search(page)
    with speaking(said[1] if said and said[1] in LANGUAGES else "en"):
        heading, banner = render_banner(title, values)
    page = _TITLE.sub(lambda _: heading, page, count=1)
    return _BANNER.sub(lambda _: banner, page, count=1)


def as_of_now(shelf: Shelf, folder: str, file: str) -> IO[bytes] | None:
    """Return a file of a report whose gate is no longer open, saying so; None: it is as it was made."""
    published = shelf.read(folder)
    if published is None or published.status != "ready" or published.gate_now != "expired":
        return None
    with shelf.open(folder, "verdict.json") as stream:
        values = json.load(stream)
    values["gate"] = {**values["gate"], "state": "expired"}
    if file == "verdict.json":
        return BytesIO(_json(values).encode())
    with shelf.open(folder, file) as stream:
        page = stream.read().decode("utf-8")
    return BytesIO(banner_replaced(page, _title_of(page, shelf.tenant), values).encode())


def _title_of(page: str, tenant: str) -> str:
    """Return the company's name as a first page says it."""
    title = _HEADING.search(page)
    return html.unescape(title[1]) if title else tenant


def _show_short(tenant: Tenant, shelf: Shelf, verdict: Verdict, decided: Mapping[str, Any]) -> None:
    values = {**verdict.as_dict(), "gate": decided, "names": "removed"}
    page = render_message(
        "Could not be checked: the integration must not be started",
        [
            "The gate is shut, and the report of this run could not be made again to show why in full. What "
            "it said before does not count any more.",
            *(f"{problem.source}: {problem.message}" for problem in verdict.errors),
        ],
        {"The verdict": "verdict.json"},
    )
    with shelf.store(verdict.run_id).publishing("") as folder:
        (folder / "verdict.json").write_text(_json(values), encoding="utf-8")
        (folder / "index.html").write_text(page, encoding="utf-8")
    published = shelf.read(folder_name(verdict.run_id))
    if published is not None:
        shelf.show_as_latest(published)


def _gate(state: str, until: datetime | None = None) -> dict[str, str | None]:
    return {
        "state": state,
        "until": until.astimezone(UTC).isoformat(timespec="seconds") if until else None,
        "decided_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
