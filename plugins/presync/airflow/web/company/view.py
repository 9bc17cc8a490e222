"""What a company's page shows: what is on record, what the newest report says, file and connections."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from presync import settings
from presync.airflow.web.company.told import newest_report, proposed_mark, rows_of, texts_of
from presync.airflow.web.forms import Seen
from presync.airflow.web.links import company_path, report_path
from presync.control.companies import facts_of
from presync.control.database import now
from presync.control.models import UNSETTLED, FindingRecord, WaiverRecord
from presync.control.record_of_company import CompanyRecord, Wanted, company_record, company_state
from presync.decisions.branches import ambiguous_groups
from presync.decisions.file import exceptions_file
from presync.decisions.longest import longest
from presync.decisions.systems import accepted_systems
from presync.fleet.stage import Stage, Standing, stage_of
from presync.gate.same_database import doubt
from presync.report.wording import ENTITIES, problem_title
from presync.tenants.answers import file_answer
from presync.tenants.folder import read_tenant_of
from presync.tenants.model import Tenant
from presync.tenants.model import dag_id as dag_of
from presync.tenants.visma_names import GROUP_FIELDS
from presync.verdict import right_systems
from presync.verdict.history import age_days

log = logging.getLogger(__name__)
_GROUPS: Final = 20
START_WORDS: Final[Mapping[str, str]] = {
    "requested": "requested: the call is under way, or was interrupted",
    "confirmed": "made",
    "refused": "not made: the receiver refused it",
    "not_sent": "not made: the receiver was not reached",
    "unknown": "uncertain: it may have arrived",
    "reset": "not made, as a person found out",
}
WHO_KINDS: Final[Mapping[str, str]] = {
    "airflow": "signed in to Airflow",
    "system": "operating-system user",
    "typed": "name as typed",
    "run": "Presync itself",
}
DRAWN: Final[Mapping[Stage, str]] = {
    "blocked": "blocked",
    "answers": "blocked",
    "broken": "blocked",
    "ready": "ready",
    "approval": "ready",
    "started": "ready",
}
"""How a stage is drawn; any other one as what nobody can tell."""


@dataclass(frozen=True)
class FindingView:
    """A finding that stands: what is remembered, how old it is, in words, and what can be done with it."""

    record: FindingRecord
    problem: str
    message: str
    fix: str
    age: int
    waiver: WaiverRecord | None
    is_pair: bool
    is_question: bool


@dataclass(frozen=True)
class GroupView:
    """Records that could each be several of the other system: names by code, and by guid."""

    entity: str
    title: str
    pairs: int
    business: Mapping[str, str]
    severa: Mapping[str, str]


@dataclass(frozen=True)
class QuestionView:
    """One of the five questions: the answer in force and who gave it, and what it would move.

    `by_file`: where the answer is written, which can only be changed there. `mark`: the Group field and value
    that the report proposes for what looks dead.
    """

    entity: str
    title: str
    answer: str
    by: str
    by_file: str
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]
    mark: tuple[str, str] | None


def company_view(tenant: str, wanted: Wanted) -> tuple[dict[str, Any], Seen]:
    """Return what the page's template shows of a company, and which state of it that is."""
    seen = state_of(tenant)  # first: what changes while this is gathered makes the page outdated
    record = company_record(tenant, wanted)
    file, fault = _file(tenant)
    report = newest_report(tenant)
    view = {
        "name": tenant,
        "title": file.title if file else tenant,
        "file": file,
        "fault": fault,
        "file_text": _file_text(file) if file else "",
        "connections": list(_connections(file)) if file else [],
        "record": record,
        "report": report,
        "report_address": report_path(dag_of(tenant)),
        "company_address": company_path(dag_of(tenant)),
        "wanted": wanted,
        "findings": _findings(tenant, record),
        "rules": [
            (rule, severity, problem_title(rule, rule.replace("_", " ")), count)
            for (rule, severity), count in record.rules.items()
        ],
        "critical": sum(count for (_, severity), count in record.rules.items() if severity == "critical"),
        "groups": list(_groups(tenant)),
        "questions": [_question(entity, tenant, file, record, report.verdict) for entity in ENTITIES],
        "group_fields": GROUP_FIELDS,
        "exceptions_name": exceptions_file(tenant).name,
        "refused_things": list(_refused_things(tenant, report.verdict)),
        "systems": accepted_systems(tenant),
        "systems_asked": _systems_asked(report.verdict),
        "database_doubt": _database_doubt(tenant),
        "standing": _standing(tenant),
        "drawn": DRAWN,
        "start_words": START_WORDS,
        "unsettled": UNSETTLED,
        "who_kinds": WHO_KINDS,
        "now": now(),
        "longest": longest(),
    }
    return view, seen


def state_of(tenant: str) -> Seen:
    """Return what changes whenever the page would show something else: records, tenant file, exceptions."""
    entry, state = company_state(tenant)
    digest = hashlib.sha256(state.encode())
    folder = settings.tenants_folder()
    for path in (folder / f"{tenant}.yaml" if folder.is_dir() else folder, exceptions_file(tenant)):
        digest.update(path.read_bytes() if path.is_file() else b"\x00")
    return Seen(entry, digest.hexdigest()[:32])


def _standing(tenant: str) -> Standing:
    for facts in facts_of([tenant]):
        return stage_of(facts, now())
    return Standing("unchecked", None, "No run has checked this company yet.", "Trigger its DAG.")


def _file(tenant: str) -> tuple[Tenant | None, str]:
    """Return the tenant file, or why there is none."""
    found = read_tenant_of(settings.tenants_folder(), dag_of(tenant))
    if found.faults:
        return None, found.faults[0].message
    for read in found.tenants.values():
        return read, ""
    return None, "Its file is not in the folder of tenant files that the API server reads."


def _file_text(tenant: Tenant) -> str:
    """Return what the file says, as YAML; no comment of it, in which anything might stand."""
    import yaml

    said = tenant.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text: str = yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
    return text


def _connections(tenant: Tenant) -> Iterator[tuple[str, str]]:
    """Yield each connection that the tenant needs, with whether it exists; nothing of what it holds."""
    from airflow.models import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    for name in dict.fromkeys(tenant.connection_ids):
        try:
            Connection.get_connection_from_secrets(name)
        except AirflowNotFoundException:
            yield name, "missing"
        except Exception as error:  # a secrets backend of any kind; its text may quote what it holds
            log.warning("connection %s cannot be looked up: %s", name, type(error).__name__)
            yield name, "unknown"
        else:
            yield name, "there"


def _findings(tenant: str, record: CompanyRecord) -> list[FindingView]:
    told = texts_of(tenant, record.findings)
    return [
        FindingView(
            each,
            problem_title(each.rule, each.rule.replace("_", " ")),
            *told.get(each.finding_id, ("", "")),
            age_days(each.opened_at, now()),
            record.waivers.get(each.finding_id),
            is_pair=each.suite in ENTITIES and bool(each.business_code and each.severa_guid),
            is_question=each.rule == "decision_missing",
        )
        for each in record.findings
    ]


def _groups(tenant: str) -> Iterator[GroupView]:
    """Yield the largest groups of records that could each be several, with their names."""
    found = [group for group in ambiguous_groups(tenant) if len(group.findings) > 1][:_GROUPS]
    rows = rows_of(tenant, [each for group in found for each in group.findings])
    for group in found:
        business, severa = {}, {}
        for each in group.findings:
            row = rows.get(each.finding_id, {})
            business[each.business_code] = row.get("business_name", "")
            name = f"{each.severa_code or 'without code'} {row.get('severa_name', '')}".strip()
            severa[each.severa_guid] = name
        yield GroupView(group.entity, ENTITIES[group.entity], len(group.findings), business, severa)


def _question(
    entity: Any, tenant: str, file: Tenant | None, record: CompanyRecord, verdict: Mapping[str, Any]
) -> QuestionView:
    given = record.answers.get(entity)
    in_file = file_answer(file, entity) if file else None
    other = next((a for a in _used(verdict) if a["entity"] == entity and a.get("source") == "file"), None)
    by_file = "the tenant file" if in_file else exceptions_file(tenant).name if other else ""
    answer = in_file or (other or {}).get("answer") or (given.answer if given else "")
    return QuestionView(
        entity,
        ENTITIES[entity],
        str(answer),
        given.who if given else str((other or {}).get("by") or ""),
        by_file,
        (verdict.get("counts") or {}).get(entity) or {},
        {k: v for k, v in ((verdict.get("preview") or {}).get(entity) or {}).items() if v},
        proposed_mark(tenant, entity),
    )


def _refused_things(tenant: str, verdict: Mapping[str, Any]) -> Iterator[str]:
    """Yield tables and columns of which the newest run says that a person may accept their loss."""
    for error in verdict.get("errors") or ():
        yield from re.findall(
            rf"presync accept-change {re.escape(tenant)} (\S+) ", str(error.get("message") or "")
        )


def _systems_asked(verdict: Mapping[str, Any]) -> str:
    """Return what the newest report asks about the two systems, "" if it asks nothing."""
    asked = (each for each in verdict.get("errors") or () if each.get("source") == right_systems.SOURCE)
    return next((str(each.get("message") or "") for each in asked), "")


def _database_doubt(tenant: str) -> str:
    """Return what shows that the control database has forgotten the tenant, "" if nothing does."""
    try:
        return doubt(tenant)
    except OSError as error:  # a store that cannot be reached: the page shows all the rest
        log.warning("nobody can tell whether %s is known to this database: %s", tenant, type(error).__name__)
        return ""


def _used(verdict: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((verdict.get("exceptions") or {}).get("answers") or ())
