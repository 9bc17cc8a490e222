"""What is worth telling of a company now, from the control database alone.

Every event names its change, so that it is sent once however often this looks. No record is named, neither
by name nor by code: that is for the report, which only those may read who may read the company's DAG.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final

from presync.control.companies import Facts, judged_as
from presync.control.notices import Change
from presync.control.starts import IN_FLIGHT
from presync.fleet.stage import TITLES, Standing, stage_of
from presync.languages.cldr import day, moment, number
from presync.languages.speaking import speaking
from presync.languages.texts import tr, trn
from presync.report.wording import SUITES, problem_title
from presync.tenants.model import Tenant
from presync.tenants.notify import Event

ENDS_SOON: Final = timedelta(hours=2)
NEAR: Final = (14, 7, 2, 0)
"""Days before go-live on which a company that is not ready is reported."""
_DONE: Final = frozenset({"started", "retired"})
_READY: Final = frozenset({"ready", "approval"})
_RULES: Final = 5


@dataclass(frozen=True)
class Known:
    """Of a company: facts, statuses of its last two runs (newest first), new critical findings by rule."""

    facts: Facts
    statuses: Sequence[str] = ()
    appeared: Mapping[str, int] = field(default_factory=dict)


def changes(tenant: Tenant, known: Known, now: datetime) -> Iterator[Change]:
    """Yield what the tenant file asks to be told of, in its language, whether it was told before or not."""
    if tenant.notify is None:
        return
    with speaking(tenant.language):
        standing = stage_of(known.facts, now)
        found = (
            *_verdict(known, standing),
            *_start(known, now),
            *_approval(known, standing, now),
            *_ends(known, standing, now),
            *_not_checked(known, standing),
            *_go_live(tenant, standing, now),
        )
    for event, change, text, at in found:
        if event in tenant.notify.events:
            yield Change(tenant.tenant, event, change, text, at)


_Found = tuple[Event, str, str, datetime]


def _verdict(known: Known, standing: Standing) -> Iterator[_Found]:
    company = known.facts.company
    if company.judged_at is None or company.status_since is None:
        return
    since, judged = company.status_since, judged_as(company.status, company.rules)
    title = TITLES[judged] if judged in {"ready", "answers", "blocked"} else TITLES["error"]
    # why a run could not check everything may quote what a system said: the report tells it
    why = f": {standing.reason}" if judged in {"blocked", "answers"} else ""
    yield (
        "verdict_changed",
        f"{judged} {since.isoformat()}",
        f"{title}{why}",
        since,
    )
    if judged == "ready":
        text = tr("Everything was checked and nothing critical stands.")
        yield "ready", since.isoformat(), text, since
    # of the first complete run everything is new: that is the verdict, and no news beside it
    if known.appeared and company.places_before is not None:
        listed = [
            f"{SUITES.get(suite, suite)}: {problem_title(rule, rule.replace('_', ' '))} ({number(count)})"
            for (suite, _, rule), count in (
                (name.partition("/"), count) for name, count in known.appeared.items()
            )
        ]
        left = len(listed) - _RULES
        more = [trn("and %(n)s more rule", "and %(n)s more rules", left)] if left > 0 else []
        total = trn("%(n)s new critical finding", "%(n)s new critical findings", sum(known.appeared.values()))
        text = f"{total}. {'; '.join([*listed[:_RULES], *more])}"
        yield "newly_critical", str(company.judged_run), text, company.judged_at


def _start(known: Known, now: datetime) -> Iterator[_Found]:
    start = known.facts.start
    if start is None:
        return
    if start.state == "confirmed" and start.confirmed_at:
        text = tr("The integration was started: %(who)s.", who=start.who)
        yield "started", str(start.attempt), text, start.confirmed_at
    under_way = start.state == "requested" and now - start.requested_at < IN_FLIGHT
    if start.state in {"requested", "unknown"} and not under_way:
        text = tr(
            "A start was requested in run %(run)s, and nobody knows whether it arrived. Ask the receiver, "
            "then settle it: nothing is called again until then.",
            run=start.run_id,
        )
        yield "start_uncertain", str(start.attempt), text, start.requested_at


def _approval(known: Known, standing: Standing, now: datetime) -> Iterator[_Found]:
    company = known.facts.company
    if standing.stage == "approval" and company.asked_run and standing.until:
        text = tr(
            "A person is asked to approve the start, until %(time)s, under Required Actions.",
            time=_at(standing.until),
        )
        yield "approval_wanted", company.asked_run, text, company.judged_at or now


def _ends(known: Known, standing: Standing, now: datetime) -> Iterator[_Found]:
    certificate = known.facts.certificate
    end = certificate.expires_at if certificate else None
    if certificate is not None and standing.stage in _READY and end and end - now <= ENDS_SOON:
        text = tr("What was checked holds until %(time)s, and the integration is not started.", time=_at(end))
        yield "ends_soon", certificate.id, text, end - ENDS_SOON


def _not_checked(known: Known, standing: Standing) -> Iterator[_Found]:
    company = known.facts.company
    died = standing.stage == "error" and company.began_run != company.judged_run
    statuses = ["error", *known.statuses] if died else list(known.statuses)
    since = company.status_since if company.status == "error" else standing.since
    if statuses[:2] == ["error", "error"] and standing.stage == "error" and since:
        text = tr("Two runs in a row could not check everything: what is not checked cannot be started.")
        yield "not_checked_twice", since.isoformat(), text, standing.since or since


def _go_live(tenant: Tenant, standing: Standing, now: datetime) -> Iterator[_Found]:
    if tenant.go_live is None or standing.stage in _DONE | _READY:
        return
    left = (tenant.go_live - now.date()).days
    passed = [days for days in NEAR if left <= days]
    if not passed:
        return
    text = _near(left, day=day(tenant.go_live), stage=TITLES[standing.stage].lower())
    at = datetime.combine(tenant.go_live - timedelta(days=passed[-1]), time.min, UTC)
    yield "go_live_near", f"{tenant.go_live} {passed[-1]}", text, at


def _near(left: int, **told: str) -> str:
    if left > 0:
        return trn(
            "Go-live %(day)s is in %(n)s day, and the company is not ready: %(stage)s.",
            "Go-live %(day)s is in %(n)s days, and the company is not ready: %(stage)s.",
            left,
            **told,
        )
    if left == 0:
        return tr("Go-live %(day)s is today, and the company is not ready: %(stage)s.", **told)
    return tr("Go-live %(day)s is past, and the company is not ready: %(stage)s.", **told)


def _at(when: datetime) -> str:
    return moment(when.isoformat())
