"""Data Docs: pages from the suites' results that need no network, no script and no Great Expectations.

Great Expectations' own pages load a dozen files from public hosts and show no results without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.languages import cldr
from presync.languages.speaking import LANGUAGES, speaking, spoken
from presync.languages.texts import English, jinja_gettext
from presync.preview import Preview
from presync.report import wording
from presync.report.files.findings import Summary
from presync.report.files.fix_files import Proposals
from presync.report.finding_words import translated_summary
from presync.report.pages.number_line import number_lines
from presync.report.pages.preview import entity_views, preview_bars
from presync.report.pages.questions import hint, question_views
from presync.report.pages.rules import rule_texts
from presync.report.pages.trend import trend
from presync.report.pages.work_list import rule_views, work_list
from presync.report.published import Published
from presync.report.suite_results import Suite, translated
from presync.tenants.model import Tenant
from presync.text.visible import visible_within
from presync.transfer_questions import Questions
from presync.verdict.history import Memory

if TYPE_CHECKING:
    from jinja2 import Environment

# a name or an address can hold them; HTML and UTF-8 cannot
_NOT_HTML: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST_WORD: Final = 22
_suffix: ContextVar[str] = ContextVar("suffix", default="")
TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Page:
    """Everything that the pages of one run show."""

    tenant: Tenant
    verdict: Mapping[str, Any]
    suites: tuple[Suite, ...]
    summary: Summary
    earlier: tuple[Published, ...] = ()
    memory: Memory | None = None
    preview: Preview | None = None
    fixes: Proposals | None = None
    questions: Questions | None = None


def write_data_docs(folder: Path, page: Page) -> None:
    """Write `index.html`, `preview.html`, `questions.html`, `rules.html` and `suites/<suite>.html`.

    They are in the tenant's language; beside each is the same page in every other one, `index.nb.html`.
    """
    (folder / "suites").mkdir()
    for language in LANGUAGES:
        with speaking(language), _beside("" if language == page.tenant.language else f".{language}"):
            _write_pages(folder, page)


def _write_pages(folder: Path, page: Page) -> None:
    suites = tuple(map(translated, page.suites))
    page = replace(page, suites=suites, summary=translated_summary(page.summary))
    common = _common(page)
    index = {
        **common,
        "errors": page.verdict.get("errors", []),
        **_banner(page.tenant.title, page.verdict, _counts(page.suites)),
        "critical": work_list(page.suites, page.summary, "critical"),
        "warning": work_list(page.suites, page.summary, "warning"),
        "entities": _entities(page.verdict),
        "unlinked": _unlinked(page.verdict),
        "earlier": page.earlier,
        "memory": page.memory,
        "fixes": page.fixes,
        "bars": preview_bars(page.preview) if page.preview else [],
        "lines": number_lines(page.preview.series) if page.preview else [],
        "trend": trend(page.verdict, page.earlier),
        "hint": hint(page.questions),
    }
    _write(folder / "index", "index.html", index)
    previewed = {
        **common,
        "views": entity_views(page.preview, page.tenant.integration) if page.preview else [],
    }
    _write(folder / "preview", "preview.html", previewed)
    asked = {**common, **_questions(page)}
    _write(folder / "questions", "questions.html", asked)
    ruled = {**common, "rules": rule_texts(page.suites)}
    _write(folder / "rules", "rules.html", ruled)
    for suite in page.suites:
        values = {**common, "suite": suite, "rules": rule_views(suite, page.summary, page.memory)}
        _write(folder / "suites" / suite.name, "suite.html", values)


def _write(stem: Path, template: str, values: Mapping[str, Any]) -> None:
    own = values["tenant"].language
    versions = [
        (language, name, f"{stem.name}{'' if language == own else f'.{language}'}.html")
        for language, name in LANGUAGES.items()
    ]
    target = stem.with_name(f"{stem.name}{_ext()}")
    target.write_text(_render(template, {**values, "versions": versions}), encoding="utf-8")


@contextmanager
def _beside(suffix: str) -> Iterator[None]:
    """Let pages be written, and link to one another, under names with this suffix."""
    token = _suffix.set(suffix)
    try:
        yield
    finally:
        _suffix.reset(token)


def _ext() -> str:
    return f"{_suffix.get()}.html"


def render_banner(title: str, verdict: Mapping[str, Any]) -> tuple[str, str]:
    """Return the first page's `<title>` and banner for a `verdict.json`, of a run that was checked."""
    values = _banner(title, verdict, _counts([_judged(entry) for entry in verdict["suites"]]))
    heading = _render("heading.html", values)
    return heading.strip(), _render("banner.html", values)


def render_message(title: str, paragraphs: Sequence[str], links: Mapping[str, str] | None = None) -> str:
    """Return a small page of the same looks that says something to a person: plain text, escaped here."""
    return _render("message.html", {"title": title, "paragraphs": paragraphs, "links": links or {}})


def render_company(values: Mapping[str, Any]) -> str:
    """Return a company's page; `values` as `airflow/web/company/view.py` gathers them."""
    return _render("company.html", values)


def render_fleet(template: str, values: Mapping[str, Any]) -> str:
    """Return a page about all companies; `values` as `airflow/web/fleet/view.py` gathers them."""
    return _render(template, values)


def scripts() -> tuple[str, ...]:
    """Return the pages' only two scripts, which they work without: light or dark, and what moves."""
    return tuple((TEMPLATES / name).read_text(encoding="utf-8") for name in ("theme.js", "script.js"))


def _common(page: Page) -> dict[str, Any]:
    status = page.verdict["status"]
    return {
        "tenant": page.tenant,
        "verdict": page.verdict,
        "status": status if status in wording.VERDICTS else "error",
        "suites": page.suites,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _banner(title: str, verdict: Mapping[str, Any], counts: Mapping[str, int]) -> dict[str, Any]:
    status = verdict["status"] if verdict["status"] in wording.VERDICTS else "error"
    gate = verdict.get("gate") or {"state": "undecided", "until": None}
    return {
        "status": status,
        "gate": gate,
        "start": verdict.get("start"),
        "heading": f"{wording.verdict_title(status, gate)} – {title} – Presync",
        "counts": counts,
        "deviations": verdict.get("deviations") or [],
        "not_compared": verdict.get("not_compared") or [],
    }


def _counts(suites: Sequence[Suite]) -> dict[str, int]:
    return {
        "suites": len(suites),
        "critical": sum(suite.critical or 0 for suite in suites),
        "warning": sum(suite.warning or 0 for suite in suites),
        "waived": sum(suite.waived for suite in suites),
        "unchecked": sum(suite.status == "error" for suite in suites),
    }


def _judged(entry: Mapping[str, Any]) -> Suite:
    return Suite(
        entry["suite"], entry["status"], entry["critical"], entry["warning"], waived=entry.get("waived", 0)
    )


def _questions(page: Page) -> dict[str, Any]:
    questions = page.questions
    return {
        "questions": questions,
        "views": question_views(questions) if questions else [],
        "tells_activity": questions is not None and any(q.activity for q in questions.entities),
    }


def _entities(verdict: Mapping[str, Any]) -> list[tuple[str, Mapping[str, int | None]]]:
    """Return counts by entity; where a check failed, zeros alone mean that nobody counted."""
    counts = {entity: (verdict.get("counts") or {}).get(entity) or {} for entity in wording.ENTITIES}
    if verdict["status"] not in {"ready", "blocked"} and not any(any(c.values()) for c in counts.values()):
        counts = {}
    return [(title, counts.get(entity, {})) for entity, title in wording.ENTITIES.items()]


def _unlinked(verdict: Mapping[str, Any]) -> bool:
    """Tell whether both systems have records and not one pair is linked."""
    counts = (verdict.get("counts") or {}).values()
    business, severa, pairs = (sum(c.get(of) or 0 for c in counts) for of in ("business", "severa", "pairs"))
    return bool(business and severa and not pairs)


def _render(template: str, values: Mapping[str, Any]) -> str:
    return _NOT_HTML.sub("\N{REPLACEMENT CHARACTER}", _environment().get_template(template).render(values))


def compile_templates() -> None:
    """Compile every template, which takes longer than all pages of a small company: once for this process."""
    for name in _environment().list_templates(extensions=["html"]):
        _environment().get_template(name)


def _lengthy(text: str) -> bool:
    """Tell whether a word is longer than a column of a printed table: only then it may be broken."""
    return any(len(word) > _LONGEST_WORD for word in text.split())


def as_code(text: str) -> Any:
    """Return a rule's text as HTML, with what stands between backticks, to be written as it is, as code.

    Not for texts with names of records: a backtick in a name is shown as it is.
    """
    from markupsafe import Markup, escape

    parts = text.split("`")
    if len(parts) % 2 == 0:
        return text
    seen = [escape(visible_within(part)) for part in parts]
    said = (f"<code>{each}</code>" if place % 2 else each for place, each in enumerate(seen))
    return Markup("".join(said))  # noqa: S704 - each part is escaped


def _seen(value: Any) -> Any:
    """Return what a page shows of a value: of a text that is not HTML yet, also what nobody can see."""
    return visible_within(value) if type(value) in {str, English} else value


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    theme, script = scripts()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translate: Any = environment
    translate.install_gettext_callables(*jinja_gettext(), newstyle=True)
    environment.tests["english"] = lambda text: spoken() != "en" and isinstance(text, English)
    environment.filters.update(
        number=cldr.number,
        day=cldr.day,
        found=wording.found,
        moment=cldr.moment,
        lengthy=_lengthy,
        code=as_code,
        plural=wording.plural,  # on the pages of people who run Presync: they are in English
        fix_in=wording.fix_in_title,
        source=wording.source_title,
        error_words=wording.error_words,
        standing=wording.standing,
        unchecked=wording.unchecked,
        sheet=wording.sheet_title,
    )
    environment.globals.update(
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        theme=Markup(theme),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        fleet_style=Markup((TEMPLATES / "fleet.css").read_text(encoding="utf-8")),  # noqa: S704 - our own
        company_style=Markup((TEMPLATES / "company.css").read_text(encoding="utf-8")),  # noqa: S704
        outcomes=wording.OUTCOMES,
        verdicts=wording.VERDICTS,
        verdict_title=wording.verdict_title,
        ext=_ext,
        spoken=spoken,
        suite_status=wording.SUITE_STATUS,
        severity_names=wording.SEVERITIES,
    )
    return environment
