"""What the control database remembers of each company, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from presync.control import companies
from presync.control.companies import (
    Judgement,
    facts_of,
    files_read,
    record_answered,
    record_asked,
    record_began,
    record_judged,
    retire,
    sync_companies,
)
from presync.control.database import now, transaction
from presync.control.models import Company
from presync.errors import ConfigurationError
from presync.tenants.model import Tenant

pytestmark = pytest.mark.usefixtures("control_database")
NORDLYS = Tenant(tenant="nordlys", title="Nordlys Rådgivning AS", country="NO")
FJORD = Tenant(tenant="fjord", title="Fjord Bygg AS")


def known(tenant: str) -> Company:
    return next(facts.company for facts in facts_of() if facts.company.tenant == tenant)


def judge(judgement: Judgement, read_at: datetime | None = None) -> None:
    with transaction() as session:
        record_judged(session, "nordlys", judgement, read_at or now())


def blocked(run: str, critical: int) -> Judgement:
    rules = {"customers/code_mismatch": [critical, 0]}
    return Judgement(run, "blocked", "", 2, rules, {"either": critical})


def test_the_companies_follow_the_files() -> None:
    sync_companies([NORDLYS, FJORD], {}, 0)
    assert (known("nordlys").title, known("nordlys").file_state) == ("Nordlys Rådgivning AS", "ok")
    sync_companies([NORDLYS], {"fjord": "fjord.yaml:2: title: missing", "new": "x"}, 3)
    assert (known("fjord").file_state, known("fjord").title) == ("broken", "Fjord Bygg AS")
    assert known("fjord").file_fault.startswith("fjord.yaml:2")
    assert known("new").file_state == "broken"
    since = known("fjord").file_since
    sync_companies([NORDLYS], {"fjord": "another fault"}, 1)
    assert (known("fjord").file_since, known("fjord").file_fault) == (since, "another fault")
    assert known("new").file_state == "removed"
    read = files_read()
    assert read is not None
    assert (read.usable, read.refused) == (1, 1)


def test_only_a_removed_company_is_retired_and_its_file_brings_it_back() -> None:
    sync_companies([NORDLYS], {}, 0)
    for name in ("nordlys", "nobody"):
        with pytest.raises(ConfigurationError, match="cannot be retired"):
            retire(name, "Kari")
    sync_companies([], {}, 0)
    retire("nordlys", "Kari")
    assert (known("nordlys").retired_by, known("nordlys").retired_at is not None) == ("Kari", True)
    sync_companies([NORDLYS], {}, 0)
    assert known("nordlys").retired_at is None


def test_a_run_is_remembered_from_its_beginning() -> None:
    record_began(NORDLYS, "r1")
    first = known("nordlys").began_at
    record_began(NORDLYS, "r1")  # the other extract
    assert (known("nordlys").began_at, known("nordlys").title) == (first, NORDLYS.title)
    judge(blocked("r1", 3))
    record_began(NORDLYS, "r1")  # cleared: it begins again
    cleared = known("nordlys")
    assert cleared.began_at is not None
    assert cleared.judged_at is not None
    assert cleared.began_at >= cleared.judged_at


def test_findings_are_held_against_the_run_before(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = now() - timedelta(days=3)
    monkeypatch.setattr(companies, "now", lambda: moment)
    judge(blocked("r1", 5))
    since = known("nordlys").status_since
    assert known("nordlys").places_before is None
    moment += timedelta(days=1)
    judge(blocked("r2", 3))
    judge(blocked("r2", 2))  # its gate was cleared
    company = known("nordlys")
    assert (company.places, company.places_before) == ({"either": 2}, {"either": 5})
    assert [critical for _, critical in company.trend] == [5, 2]
    assert company.status_since == since
    judge(Judgement("r3", "error", "severa: no answer"))
    company = known("nordlys")
    assert (company.status, company.reason, company.places) == ("error", "severa: no answer", {"either": 2})
    assert company.status_since == moment
    judge(Judgement("r4", "ready"))
    company = known("nordlys")
    assert (company.places, company.first_ready_at) == ({}, moment)
    assert company.first_checked_at == since
    days = companies.days_since(moment.date() - timedelta(days=9), {"nordlys"})
    assert [(day.status, day.critical) for day in days] == [("blocked", 5), ("ready", 0)]
    assert companies.days_since(moment.date(), {"fjord"}) == []


def test_an_older_run_that_is_judged_again_opens_nothing() -> None:
    yesterday, today = now() - timedelta(days=1), now()
    judge(blocked("new", 3), today)
    judge(Judgement("old", "ready"), yesterday)
    assert (known("nordlys").status, known("nordlys").judged_run) == ("blocked", "new")
    judge(Judgement("new", "ready"), today)
    judge(blocked("old", 3), yesterday)
    assert (known("nordlys").status, known("nordlys").judged_run) == ("blocked", "old")


def test_a_question_is_open_until_it_is_answered() -> None:
    until = now() + timedelta(hours=12)
    record_asked("nordlys", "r1", until)
    assert (known("nordlys").asked_run, known("nordlys").asked_until) == ("r1", until)
    record_answered("nordlys", "r0")
    assert known("nordlys").asked_run == "r1"
    record_answered("nordlys", "r1")
    assert known("nordlys").asked_until is None


def test_a_new_beginning_keeps_what_people_may_see() -> None:
    sync_companies([NORDLYS, FJORD], {}, 0)
    assert [facts.company.tenant for facts in facts_of({"fjord", "unknown"})] == ["fjord"]
