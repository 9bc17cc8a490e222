"""What is told of a company, and that each change is named in the same way however often one looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from presync.control.companies import Facts
from presync.control.models import Certificate, Company, Notice, Start
from presync.languages.speaking import PSEUDO
from presync.notices.events import Known, changes
from presync.notices.message import Message, Told
from presync.report.wording import SUITES
from presync.tenants.model import Tenant
from presync.tenants.notify import Event
from tests.support.untranslated import untranslated

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = (
    "code_mismatch",
    "code_missing",
    "code_conflict",
    "code_duplicate",
    "ambiguous_match",
    "series_overlap",
)
KEYS: dict[str, Any] = {"tenant": "nordlys", "title": "Nordlys", "notify": {"connection": "mail"}}


def company(status: str = "blocked", **said: Any) -> Company:
    known: dict[str, Any] = {
        "tenant": "nordlys",
        "file_state": "ok",
        "file_fault": "",
        "file_since": NOW - 90 * HOUR,
        "fingerprint": "f1",
        "start_kind": "manual",
        "status": status,
        "reason": "severa: the server said Kari Nordmann",
        "rules": {"customers/code_mismatch": [3, 0]} if status == "blocked" else {},
        "places": {"either": 3},
        "began_run": "r1",
        "began_at": NOW - 3 * HOUR,
        "judged_run": "r1",
        "judged_at": NOW - 2 * HOUR,
        "status_since": NOW - 50 * HOUR,
    }
    return Company(**{**known, **said})


def start(state: str, ago: timedelta = HOUR) -> Start:
    return Start(
        state=state,
        who="ada",
        run_id="r1",
        attempt="a1",
        requested_at=NOW - ago,
        confirmed_at=NOW - ago if state == "confirmed" else None,
    )


def certificate(left: timedelta) -> Certificate:
    return Certificate(id="c1", fingerprint="f1", expires_at=NOW + left)


def told(known: Known, now: datetime = NOW, **keys: Any) -> dict[str, str]:
    """What is told, by event; no event twice."""
    found = [(each.event, each.text) for each in changes(Tenant.model_validate({**KEYS, **keys}), known, now)]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_a_verdict_is_told_in_words_without_what_a_system_said() -> None:
    blocked = told(Known(Facts(company())))
    assert blocked["verdict_changed"].startswith("Blocked: Customers: ")
    assert set(blocked) == {"verdict_changed"}
    ready = told(Known(Facts(company("ready"), certificate(9 * HOUR))))
    assert set(ready) == {"verdict_changed", "ready"}
    assert told(Known(Facts(company("error")), ["error"])) == {"verdict_changed": "Could not be checked"}


def test_new_critical_findings_are_counted_but_not_those_of_the_first_run() -> None:
    appeared = {"customers/code_mismatch": 2, "projects/code_missing": 1}
    assert "newly_critical" not in told(Known(Facts(company()), (), appeared))
    text = told(Known(Facts(company(places_before={})), (), appeared))["newly_critical"]
    assert text.startswith("3 new critical findings. Customers: ")
    assert "(2); Projects and sales cases: " in text


@pytest.mark.parametrize(
    ("state", "ago", "events"),
    [
        ("confirmed", HOUR, {"started"}),
        ("unknown", HOUR, {"start_uncertain"}),
        ("requested", HOUR, {"start_uncertain"}),
        ("requested", timedelta(minutes=1), set()),
        ("refused", HOUR, set()),
    ],
)
def test_a_start_and_one_that_nobody_knows_of(state: str, ago: timedelta, events: set[str]) -> None:
    found = told(Known(Facts(company("ready"), certificate(9 * HOUR), start(state, ago))))
    assert set(found) - {"verdict_changed", "ready"} == events


def test_a_question_and_an_end_that_comes_near() -> None:
    asked = company("ready", asked_run="r1", asked_until=NOW + 5 * HOUR)
    assert "until 2026-11-24 17:00 UTC" in told(Known(Facts(asked, certificate(9 * HOUR))))["approval_wanted"]
    assert "ends_soon" not in told(Known(Facts(company("ready"), certificate(3 * HOUR))))
    assert "13:00 UTC" in told(Known(Facts(company("ready"), certificate(HOUR))))["ends_soon"]
    assert "ends_soon" not in told(Known(Facts(company("ready"), certificate(HOUR), start("confirmed"))))


def test_two_runs_in_a_row_that_could_not_check_also_one_that_died() -> None:
    twice = Known(Facts(company("error")), ["error", "error"])
    assert "not_checked_twice" in told(twice)
    assert "not_checked_twice" not in told(Known(Facts(company("error")), ["error", "ready"]))
    dead = company("error", began_run="r2", began_at=NOW - 20 * HOUR, judged_at=NOW - 30 * HOUR)
    assert "not_checked_twice" in told(Known(Facts(dead), ["error", "blocked"]))
    changed = [each.change for each in changes(Tenant.model_validate(KEYS), twice, NOW)]
    assert changed == [each.change for each in changes(Tenant.model_validate(KEYS), twice, NOW + 9 * HOUR)]


@pytest.mark.parametrize(
    ("days", "said"), [(30, None), (14, "in 14 days"), (1, "in 1 day,"), (0, "is today"), (-3, "is past")]
)
def test_a_go_live_that_comes_near(days: int, said: str | None) -> None:
    go_live = (NOW + timedelta(days=days)).date()
    text = told(Known(Facts(company())), go_live=go_live).get("go_live_near")
    assert (text is None) if said is None else (text is not None and said in text)
    assert "go_live_near" not in told(Known(Facts(company("ready"), certificate(9 * HOUR))), go_live=go_live)


def test_a_go_live_is_told_of_once_at_each_distance() -> None:
    tenant = Tenant.model_validate({**KEYS, "go_live": date(2026, 12, 10)})
    names = [
        each.change
        for day in range(20)
        for each in changes(tenant, Known(Facts(company())), NOW + timedelta(days=day))
        if each.event == "go_live_near"
    ]
    assert list(dict.fromkeys(names)) == [f"2026-12-10 {days}" for days in (14, 7, 2, 0)]


def test_only_what_the_file_asks_for_is_told() -> None:
    known = Known(Facts(company("ready"), certificate(HOUR)))
    assert set(told(known, notify={"connection": "mail", "events": ["ends_soon"]})) == {"ends_soon"}
    assert told(known, notify=None) == {}


FACTS = [
    Known(Facts(company()), (), {"customers/code_mismatch": 2}),
    Known(Facts(company(rules={"customers/decision_missing": [1, 0], "projects/decision_missing": [1, 0]}))),
    Known(Facts(company(rules={"customers/code_mismatch": [3, 0], "projects/code_missing": [1, 0]}))),
    Known(Facts(company(places_before={})), (), {f"{suite}/code_mismatch": 1 for suite in SUITES}),
    Known(Facts(company("ready"), certificate(HOUR), start("confirmed"))),
    Known(Facts(company("ready"), certificate(HOUR), start("unknown"))),
    Known(Facts(company("ready", asked_run="r1", asked_until=NOW + HOUR), certificate(HOUR))),
    Known(Facts(company("error")), ["error", "error"]),
]


def test_everything_is_told_in_the_companys_language() -> None:
    seen: set[str] = set()
    for days in (9, 0, -9):
        tenant = Tenant.model_validate({**KEYS, "go_live": (NOW + timedelta(days=days)).date()})
        tenant = tenant.model_copy(update={"language": PSEUDO})
        for known in FACTS:
            for each in changes(tenant, known, NOW):
                seen.add(each.event)
                assert untranslated(each.text) == [], each
    assert seen == set(get_args(Event))


def notices(*texts: str) -> list[Notice]:
    return [Notice(tenant="t", event="ready", text=text, at=NOW) for text in texts]


def test_a_message_is_in_the_companies_language_if_they_share_one() -> None:
    texts = notices("Noen må godkjenne starten innen 24. nov. 2026 17:00 UTC, nå. Resten.", "Klar")
    one = Message([Told("Nordlys", "", texts, "nb")])
    assert one.subject == "Nordlys: Noen må godkjenne starten innen 24. nov. 2026 17:00 UTC, nå (og 1 til)"
    assert one.page.startswith('<div lang="nb">')
    both = [Told("Nordlys", "", texts, "nb"), Told("Havn", "", texts, "nb")]
    assert Message(both).subject == "Presync: 4 endringer hos 2 selskaper"
    assert Message([*both, Told("Saimaa", "", texts, "fi")]).subject == "Presync: 6 changes at 3 companies"
    spoken = Message([replace(told, language=PSEUDO) for told in both])
    assert untranslated(spoken.subject) == []
    assert {*spoken.as_dict()["companies"][0]} == {"tenant", "title", "address", "events"}
