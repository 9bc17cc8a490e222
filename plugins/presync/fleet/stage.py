"""The stage of a company: one word for where it stands, told from the control database alone.

| stage | means |
|---|---|
| `retired` | its file was removed, and a person said that it is done with |
| `uncertain` | a start was requested, and nobody knows whether it arrived |
| `removed` | its tenant file is gone: nothing is checked any more |
| `started` | the integration was started |
| `broken` | its tenant file is refused: nothing is checked |
| `error` | the last run could not check everything, or died before its verdict |
| `unchecked` | no run has reached a verdict yet |
| `answers` | nothing but missing answers blocks |
| `blocked` | critical findings stand |
| `approval` | ready, and a person is asked to approve the start |
| `ready` | ready, with a certificate that holds |
| `expired` | it was ready, but the certificate holds no more: check again |

The first that applies is the stage. What is unknown counts as `error`, never as `ready`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from presync.control.companies import ANSWER, Facts, judged_as
from presync.control.models import UNSETTLED, Company
from presync.languages.cldr import moment, number
from presync.languages.texts import Words, marked, tr, trn
from presync.report.wording import ENTITIES, SUITES, fix_in_title, problem_title

Stage = Literal[
    "uncertain",
    "error",
    "broken",
    "removed",
    "blocked",
    "answers",
    "approval",
    "expired",
    "ready",
    "unchecked",
    "started",
    "retired",
]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
"""All stages; those that need somebody most come first."""

TITLES: Final[Mapping[str, str]] = Words(
    {
        "uncertain": marked("Start uncertain"),
        "error": marked("Could not be checked"),
        "broken": marked("File broken"),
        "removed": marked("File removed"),
        "blocked": marked("Blocked"),
        "answers": marked("Waiting for answers"),
        "approval": marked("Waiting for approval"),
        "expired": marked("No longer ready"),
        "ready": marked("Ready"),
        "unchecked": marked("Never checked"),
        "started": marked("Started"),
        "retired": marked("Retired"),
    }
)

LONGEST_RUN: Final = timedelta(hours=12)
"""After which a run without a verdict counts as dead where nobody can ask Airflow: longer than any takes."""


@dataclass(frozen=True)
class Standing:
    """Where a company stands. Times are UTC.

    `since`: from when on, None if unknown. `reason` and `next`: one sentence each, why, and what comes next.
    `until`: when a `ready` or a question ends. `running_since`: when the run that is under way began.
    """

    stage: Stage
    since: datetime | None
    reason: str
    next: str
    until: datetime | None = None
    running_since: datetime | None = None

    @property
    def title(self) -> str:
        """The stage in words: `Ready until 2026-11-24 04:16 UTC`."""
        if self.stage in {"ready", "approval"} and self.until:
            return f"{TITLES[self.stage]} until {_at(self.until)}"
        return TITLES[self.stage]


def stage_of(facts: Facts, now: datetime, *, run_ended: bool = False) -> Standing:
    """Return where a company stands at a moment.

    `run_ended`: Airflow says that the run which began last is over, so no verdict of it is to come.
    """
    company, start = facts.company, facts.start
    if company.retired_at is not None:
        reason = f"Retired by {company.retired_by or 'somebody'}."
        return Standing("retired", company.retired_at, reason, "Nothing is left to do.")
    if start is not None and start.state in UNSETTLED:
        reason = "A start was requested, and nobody knows whether it arrived."
        todo = "Ask the receiver, then settle the start by hand: nothing is called again until then."
        return Standing("uncertain", start.requested_at, reason, todo)
    if company.file_state == "removed":
        reason = "The tenant file was removed, so nothing is checked or started."
        return Standing("removed", company.file_since, reason, "Put the file back, or retire the company.")
    if start is not None and start.state == "confirmed":
        return Standing("started", start.confirmed_at, f"Started: {start.who}.", _after_start(company))
    if company.file_state != "ok":
        fault = company.file_fault or "It cannot be used."
        todo = "Correct the tenant file: nothing of this company is checked until then."
        return Standing("broken", company.file_since, fault, todo)
    return _checked(facts, now, run_ended)


def top_rule(company: Company) -> str | None:
    """Return `suite/rule` of the rule with most open critical findings; answers come last."""
    critical = {name: counts[0] for name, counts in company.rules.items() if counts[0]}
    return min(critical, key=lambda name: (name.endswith(f"/{ANSWER}"), -critical[name], name), default=None)


def _checked(facts: Facts, now: datetime, run_ended: bool) -> Standing:
    company = facts.company
    running = company.began_at
    if running and company.judged_at and company.judged_at >= running:
        running = None
    if running and (run_ended or now - running > LONGEST_RUN):
        reason = f"Run {company.began_run} began and ended without a verdict, so nothing of it counts."
        return Standing("error", running, reason, "See the run's log in Airflow, then check again.")
    if company.judged_at is None:
        reason = "The first check is under way." if running else "No run has checked this company yet."
        todo = "Wait for its verdict." if running else "Unpause and trigger its DAG."
        since = company.file_since if company.fingerprint else None
        return Standing("unchecked", since, reason, todo, running_since=running)
    judged = judged_as(company.status, company.rules)
    if judged == "answers":
        return Standing(
            "answers", company.status_since, _unanswered(company), "Answer, then check again.", None, running
        )
    if judged == "blocked":
        todo = f"Correct in {_places(company)}, then check again."
        return Standing("blocked", company.status_since, _blocked(company), todo, None, running)
    if judged == "ready":
        return _ready(facts, now, running)
    reason = company.reason or f"The last run ended as {company.status!r}."
    todo = "Fix the cause, then check again."
    return Standing("error", company.status_since, reason, todo, None, running)


def _ready(facts: Facts, now: datetime, running: datetime | None) -> Standing:
    company, certificate = facts.company, facts.certificate
    ended: tuple[datetime | None, str] | None = None
    if certificate is None:
        ended = company.judged_at, "The last run was ready, but it has no certificate."
    elif certificate.fingerprint != company.fingerprint:
        ended = company.file_since, "The tenant file has changed since the last run."
    elif certificate.expires_at is None or certificate.expires_at <= now:
        ended = certificate.expires_at, "The certificate has run out: the data may have changed since."
    if ended or certificate is None:
        since, reason = ended or (None, "")
        return Standing("expired", since, reason, "Check again.", None, running)
    if company.asked_run == company.judged_run and company.asked_until and company.asked_until > now:
        until = min(company.asked_until, certificate.expires_at or company.asked_until)
        todo = "Approve or reject under Required Actions."
        reason = "Everything was checked and nothing critical stands."
        return Standing("approval", company.judged_at, reason, todo, until, running)
    reason, todo = "Everything was checked and nothing critical stands.", _to_start(company)
    return Standing("ready", company.status_since, reason, todo, certificate.expires_at, running)


def _to_start(company: Company) -> str:
    if company.start_kind == "manual":
        return "To start it, press “Check, then start” on its page, then approve."
    return "A run that is asked to start the integration does so."


def _after_start(company: Company) -> str:
    if company.file_state == "broken":
        return "Its tenant file is refused now; nothing else is left to do."
    return "Nothing is left to do."


def _unanswered(company: Company) -> str:
    names = sorted(name.partition("/")[0] for name, counts in company.rules.items() if counts[0])
    asked = ", ".join(ENTITIES.get(name, name).lower() for name in names)
    return tr("Not answered: transfer all of %(entities)s?", entities=asked)


def _blocked(company: Company) -> str:
    name = top_rule(company)
    critical = sum(counts[0] for counts in company.rules.values())
    if name is None:
        return tr("Critical findings stand; see the report.")
    suite, _, rule = name.partition("/")
    count = company.rules[name][0]
    words = f"{SUITES.get(suite, suite)}: {problem_title(rule, rule.replace('_', ' '))} ({number(count)})"
    if count == critical:
        return words
    return trn("%(words)s, and %(n)s more", "%(words)s, and %(n)s more", critical - count, words=words)


def _places(company: Company) -> str:
    most = max(company.places, key=lambda place: company.places[place], default="")
    return fix_in_title(most) if most else "the report's places"


def _at(when: datetime) -> str:
    return moment(when.isoformat())
