"""The pages: the right words, everything escaped, nothing from outside, small whatever was found.

Covers: report/pages/preview.py, report/pages/work_list.py.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from presync.errors import IncompleteError
from presync.languages.texts import English
from presync.preview import OUTCOMES
from presync.report.build import build_report
from presync.report.pages.render import render_banner, render_message
from presync.report.wording import SUITES, problem_title
from presync.staging.store import RunStore
from tests.support import report_samples as samples

PAGES = (
    *("index.html", "preview.html", "questions.html", "rules.html"),
    *(f"suites/{suite}.html" for suite in SUITES),
)


class Reader(HTMLParser):
    """Collects texts that are seen, links and ids of a page, and what a browser would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.scripts = 0
        self.loaded: list[str] = []
        self._skip = self._hidden = False
        self.feed(page)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "tr":
            self._hidden = "hidden" in values
        self._skip = tag in {"script", "style"} or self._hidden
        self.scripts += tag == "script"
        if tag == "a":
            self.links.append(str(values["href"]))
        elif href := values.get("href") or values.get("src"):
            self.loaded.append(href)
        if identifier := values.get("id"):
            self.ids.append(identifier)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = self._hidden and tag != "tr"
        self._skip = self._hidden

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.texts.append(data)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One report of each verdict; the blocked one is the newest."""
    root = tmp_path_factory.mktemp("data")
    makers: dict[str, Any] = {
        "ready": samples.ready_run,
        "error": samples.error_run,
        "blocked": samples.blocked_run,
    }
    built = {}
    for day, (kind, make) in enumerate(makers.items(), start=1):
        store, verdict = make(root, kind, started_at=f"2026-11-{day:02}T04:16:00+00:00")
        gate = samples.OPEN if kind == "ready" else None
        built[kind] = Path(build_report(samples.tenant(), store, verdict, gate=gate))
    return built


def _page(folder: Path, name: str = "index.html") -> Reader:
    return Reader((folder / name).read_text(encoding="utf-8"))


def test_ready_says_so_and_mentions_no_trouble(reports: dict[str, Path]) -> None:
    text = _page(reports["ready"]).text
    assert "✓ Ready until 2999-12-31 00:00 UTC: the integration may be started" in text
    assert "Could not be checked" not in text
    assert "must be done" not in text


def test_blocked_says_who_must_do_what(reports: dict[str, Path]) -> None:
    text = _page(reports["blocked"]).text
    assert "Blocked: the integration must not be started" in text
    assert "47 critical findings" in text
    mismatch, conflict = (problem_title(rule, "") for rule in ("code_mismatch", "code_conflict"))
    assert f"In Severa 45 {mismatch} in the suite Customers Give the Severa customer" in text
    assert f"In Visma Business or Severa 1 {conflict} in the suite Customers" in text
    assert "Set Severa's next customer number to 500000" in text
    assert "3 warnings: they advise and do not block" in text
    assert "may be started" not in text


def test_what_could_not_be_checked_never_looks_like_no_findings(reports: dict[str, Path]) -> None:
    text = _page(reports["error"]).text
    assert "Could not be checked: the integration must not be started" in text
    assert "2 of 7 suites could not be checked" in text
    assert "Severa refused the client id and secret" in text
    assert re.search(r"Products and work types \? Could not be checked – –", text)
    assert re.search(r"Projects and sales cases \? Could not be checked – – – –", text)


def test_a_suite_without_a_result_says_that_it_may_have_findings(reports: dict[str, Path]) -> None:
    text = _page(reports["error"], "suites/projects.html").text
    assert "which does not mean that there are none" in text
    assert "✓" not in text


def test_an_expectation_that_raised_is_not_among_those_that_found_nothing(reports: dict[str, Path]) -> None:
    text = _page(reports["error"], "suites/products.html").text
    before, after = text.split("Rules that found nothing")
    assert "This rule could not be checked , so it counts as not in order: KeyError" in before
    assert "No code conflict" not in after
    assert "No code mismatch" in after


def test_a_suite_page_says_everything_about_a_rule(reports: dict[str, Path]) -> None:
    text = _page(reports["blocked"], "suites/customers.html").text
    for words in (
        "Critical: blocks the start",
        "45 of 1 200 examined violate",
        "business customer not excluded, Severa customer active",
        "under two numbers it creates a double",
        "Give the Severa customer the number",
        "The first 20 of 45 findings",
        "10000 · Fjellheim Elektro 0 AS",
        "20000 · Fjellheim Elektro 0",
        "expect_code_mismatch_never equal code keys on pairs where business customer not excluded",
        "Show 1 rule No code duplicate",
    ):
        assert words in text.replace("\xa0", " "), words
    assert "Fjellheim Elektro 20 AS" not in text
    whole = (reports["blocked"] / "suites/customers.html").read_text(encoding="utf-8")
    assert "Fjellheim Elektro 44 AS" in whole, "the filter looks through it"


@pytest.mark.parametrize("page", PAGES)
def test_foreign_text_is_escaped_and_nothing_is_loaded(reports: dict[str, Path], page: str) -> None:
    for folder in reports.values():
        read = _page(folder, page)
        assert read.scripts == 2
        assert set(read.loaded) == {"data:,"}
        assert not [link for link in read.links if "://" in link]
        assert "style=" not in (folder / page).read_text(encoding="utf-8")


def test_the_hostile_name_is_shown_as_it_is(reports: dict[str, Path]) -> None:
    assert samples.HOSTILE in _page(reports["blocked"], "suites/customers.html").text


def test_a_fix_that_is_said_of_each_finding_is_not_shown_as_a_template(tmp_path: Path) -> None:
    store = RunStore("nordlys", "r", root=str(tmp_path))
    samples.publish_database(store)
    rows = [samples.finding(n, "customers", "code_mismatch") for n in range(2)]
    rows.append(samples.finding(9, "customers", "code_conflict", fix_in="presync", fix=""))
    checks = [
        samples.check("code_mismatch", fix="In Severa, renumber {severa_name}.", violating=2),
        samples.check("code_conflict", fix="Write `{{except: …}}`.", violating=1),
    ]
    entries = [samples.publish_suite(store, "customers", checks=checks, findings=rows)]
    folder = Path(build_report(samples.tenant(), store, samples.verdict(entries, status="blocked")))
    index, suite = _page(folder).text, _page(folder, "suites/customers.html").text
    assert "{severa_name}" not in index + suite
    assert "and 20000 in Severa. Change the customer's number in Severa to 10000." in index
    assert "Write {except: …} ." in index, "as code"
    assert "Write {except: …} ." in suite


def test_every_link_leads_somewhere(reports: dict[str, Path]) -> None:
    for folder in reports.values():
        for name in PAGES:
            for link in _page(folder, name).links:
                path, _, fragment = link.partition("#")
                target = (folder / name).parent / path if path else folder / name
                assert target.is_file(), (name, link)
                if fragment:
                    assert fragment in _page(target.parent, target.name).ids, (name, link)


def test_thousands_of_findings_do_not_make_a_page_huge(tmp_path: Path) -> None:
    rows = [samples.finding(n, "customers", "code_mismatch") for n in range(5000)]
    store = RunStore("nordlys", "r", root=str(tmp_path))
    samples.publish_database(store, 5000)
    entries = [
        samples.publish_suite(store, suite, findings=rows if suite == "customers" else []) for suite in SUITES
    ]
    folder = Path(build_report(samples.tenant(), store, samples.verdict(entries, status="blocked")))
    sizes = {page: (folder / page).stat().st_size for page in PAGES}
    assert sizes.pop("suites/customers.html") < 400_000, "500 findings are there for the filter"
    assert max(sizes.values()) < 50_000
    assert (folder / "findings.csv").read_text(encoding="utf-8").count("\n") == 5001


@pytest.mark.parametrize("broken", [{"status": "fine"}, {"suites": []}])
def test_a_verdict_that_nobody_understands_is_an_error(tmp_path: Path, broken: dict[str, Any]) -> None:
    store, verdict = samples.blocked_run(tmp_path)
    verdict.values.update(broken)
    text = _page(Path(build_report(samples.tenant(), store, verdict))).text
    assert "must not be started" in text
    assert "may be started" not in text


def test_small_pages_escape_too() -> None:
    page = Reader(render_message(samples.HOSTILE, [samples.HOSTILE], {samples.HOSTILE: "/a?b=1&c=2"}))
    assert page.scripts == 2
    assert page.text.count(samples.HOSTILE) == 4
    assert page.links == ["#content", "/a?b=1&c=2"]
    unseen = Reader(render_message("X100\u200b", ["change X100\u2060 to\nX100\ufe0f"], {}))
    assert "X100<U+200B>" in unseen.text
    assert "X100<U+200B>" in Reader(render_message(English("X100\u200b"), [])).text
    assert "change X100<U+2060> to X100<U+FE0F>" in unseen.text


def test_the_first_page_shows_what_would_happen_and_the_preview_why(reports: dict[str, Path]) -> None:
    first = (reports["blocked"] / "index.html").read_text(encoding="utf-8")
    assert 'aria-label="Customers: Blocked 92"' in first
    preview = _page(reports["blocked"], "preview.html").text
    assert "nothing is started while anything is blocked" in preview
    assert "Blocked the same in both systems, under different numbers 45 45" in preview
    assert "one number, two that are not the same 1 1" in preview
    assert samples.HOSTILE in preview


def test_a_run_that_is_not_checked_completely_has_no_preview(reports: dict[str, Path]) -> None:
    folder = reports["error"]
    assert "There is no preview" in _page(folder).text
    assert "There is no preview" in _page(folder, "preview.html").text
    assert not (folder / "preview.csv").exists()
    assert "preview" not in json.loads((folder / "verdict.json").read_text(encoding="utf-8"))


def test_the_preview_adds_up_in_the_verdict(reports: dict[str, Path]) -> None:
    verdict = json.loads((reports["blocked"] / "verdict.json").read_text(encoding="utf-8"))
    assert verdict["preview"]["customers"] == dict.fromkeys(OUTCOMES, 0) | {"blocked": 92}
    rows = (reports["blocked"] / "preview.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + sum(sum(counts.values()) for counts in verdict["preview"].values())


def test_without_the_database_there_is_no_report(tmp_path: Path) -> None:
    store, verdict = samples.blocked_run(tmp_path)
    store.withdraw("database")
    with pytest.raises(IncompleteError, match="what would happen"):
        build_report(samples.tenant(), store, verdict)


@pytest.mark.parametrize(
    ("business", "severa", "pairs", "said"),
    [(5, 4, 0, True), (5, 4, 1, False), (0, 4, 0, False), (0, 0, 0, False)],
)
def test_nothing_linked_although_both_sides_have_records_is_said(
    tmp_path: Path, business: int, severa: int, pairs: int, said: bool
) -> None:
    store, verdict = samples.ready_run(tmp_path)
    for counts in verdict.values["counts"].values():
        counts |= {"business": business, "severa": severa, "pairs": pairs}
    text = _page(Path(build_report(samples.tenant(), store, verdict))).text
    assert ("No record is linked although both systems have records" in text) == said
    assert "counts records instead, both of a pair" in text


def test_that_the_two_systems_were_not_compared_is_on_the_first_page() -> None:
    for status in ("ready", "blocked", "error"):
        verdict: dict[str, Any] = {"status": status, "suites": [], "not_compared": ["visma_business"]}
        _, banner = render_banner("Nordlys", verdict)
        assert "Not compared:" in banner
        assert "No company is named by: Visma Business." in banner
        _, banner = render_banner("Nordlys", verdict | {"not_compared": []})
        assert "Not compared" not in banner
