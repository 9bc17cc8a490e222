"""What people may do on the company page: each form calls the function that the command of its name calls.

So nothing is possible here that a command refuses, and a refusal reads the same. Who it was is always the
user who is signed in; no form has a field for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from starlette.datastructures import FormData

from presync import settings
from presync.airflow.web.forms import file_of, needed, text_of
from presync.control import extracts
from presync.control.starts import confirm_start, reset_start
from presync.control.who import Who
from presync.decisions import give, record, systems
from presync.decisions.branches import say_branches
from presync.decisions.bulk import record_answers
from presync.errors import ConfigurationError
from presync.gate.same_database import accept_database
from presync.report.decision import show_settled
from presync.report.files.by_hand import KINDS, read_by_hand
from presync.staging.leftovers import scratch
from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.folder import read_tenant_of
from presync.tenants.model import Tenant, dag_id
from presync.verdict.asked_systems import asked_digest

Action = Callable[[str, FormData, Who], str]
"""Takes the tenant, the form and who sent it; does it, and returns what to say. Raises PresyncError."""


def _waive(tenant: str, form: FormData, who: Who) -> str:
    until = _day(needed(form, "until", "the last day on which the waiver holds"))
    waiver = record.waive(tenant, _finding(form), reason=text_of(form, "reason"), by=who, until=until)
    return (
        f"{waiver.rule} {waiver.finding_id} is waived through {waiver.until} (UTC), as long as its records "
        "keep their values. It takes effect with the next run."
    )


def _unwaive(tenant: str, form: FormData, who: Who) -> str:
    finding = _finding(form)
    record.unwaive(tenant, finding, by=who)
    return f"The waiver of {finding} is withdrawn. No start may rest on it any more."


def _answer(tenant: str, form: FormData, who: Who) -> str:
    entity = _entity(form)
    given = needed(form, "answer", "the answer")
    if given == "except":
        field = needed(form, "field", "the Group field")
        given = f"except:{field}={needed(form, 'value', 'the value of the Group field')}"
    answer = give.answer_question(tenant_file(tenant), entity, given, by=who)
    if answer == record.WITHDRAW:
        return f"The answer for {entity} is withdrawn. It takes effect with the next run."
    return f"The answer for {entity} is: {answer}. It takes effect with the next run."


def _pair(tenant: str, form: FormData, who: Who) -> str:
    said = needed(form, "said", "whether the two are the same")
    if said not in {"same", "different"}:
        raise ConfigurationError(f"nothing was recorded: {said!r} is neither same nor different")
    known = give.say_pair(
        tenant,
        _entity(form),
        needed(form, "business_code", "the code in Visma Business"),
        needed(form, "severa_guid", "the guid in Severa"),
        same=said == "same",
        reason=text_of(form, "reason"),
        by=who,
    )
    words = "the same" if said == "same" else "different"
    return (
        f"{known.business_code} “{known.business_name}” and {known.guid} “{known.severa_name}” are {words}, "
        "as long as both keep names and ids. It takes effect with the next run."
    )


def _unpair(tenant: str, form: FormData, who: Who) -> str:
    code, guid = text_of(form, "business_code"), text_of(form, "severa_guid")
    give.take_back_pair(tenant, _entity(form), code, guid, by=who)
    return f"The word on {code} and {guid} is withdrawn. It takes effect with the next run."


def _accept_change(tenant: str, form: FormData, who: Who) -> str:
    thing = needed(form, "table", "the table or column")
    system, name = extracts.accept_change(tenant, thing, by=who)
    return f"The next extract of {system} may find less in {name}."


def _accept_systems(tenant: str, form: FormData, who: Who) -> str:
    digest = asked_digest(tenant_file(tenant))
    systems.accept_systems(tenant, digest, reason=text_of(form, "reason"), by=who)
    return (
        "The two systems are right, as long as they describe themselves in the same way. "
        "It takes effect with the next run."
    )


def _withdraw_systems(tenant: str, form: FormData, who: Who) -> str:
    systems.withdraw_systems(tenant, by=who)
    return "The word that the two systems are right is withdrawn. It takes effect with the next run."


def _accept_database(tenant: str, form: FormData, who: Who) -> str:
    said = text_of(form, "integration")
    if said not in {"started", "not-started"}:
        raise ConfigurationError("nothing was recorded: say whether the integration was started or not")
    accept_database(tenant, started=said == "started", by=who)
    return "This control database is the right one from now on."


def _settle_start(tenant: str, form: FormData, who: Who) -> str:
    ways: Mapping[str, Callable[[str, Who], object]] = {"confirm": confirm_start, "reset": reset_start}
    way = ways.get(text_of(form, "arrived"))
    if way is None:
        raise ConfigurationError("nothing was recorded: say whether the start has arrived or not")
    way(tenant, who)
    show_settled(tenant)
    arrived = way is confirm_start
    return (
        "The integration was started: no run will ever start it again."
        if arrived
        else "The integration was not started: the next run may start it."
    )


def _by_hand(tenant: str, form: FormData, who: Who) -> str:
    upload = file_of(form, "file")
    suffix = Path(upload.filename or "").suffix.lower()
    with scratch("by-hand") as folder:
        path = folder / f"by_hand{suffix if suffix in KINDS else ''}"
        with path.open("wb") as sink:
            shutil.copyfileobj(upload.file, sink)
        said = read_by_hand(path, "the file that was sent")
    return f"Recorded: {record_answers(tenant, said, by=who)}. It takes effect with the next run."


def _branches(tenant: str, form: FormData, who: Who) -> str:
    codes = [str(code) for code in form.getlist("code")]
    chosen = [str(guid) for guid in form.getlist("partner")]
    if len(codes) != len(chosen) or len(set(codes)) != len(codes) or "" in chosen:
        raise ConfigurationError("nothing was recorded: say of each record which one it is, or none")
    partners = {code: "" if guid == "none" else guid for code, guid in zip(codes, chosen, strict=True)}
    reason = text_of(form, "reason")
    recorded = say_branches(tenant, _entity(form), partners, reason=reason, by=who)
    return f"Recorded: {recorded}. It takes effect with the next run."


ACTIONS: Final[Mapping[str, Action]] = {
    "waive": _waive,
    "unwaive": _unwaive,
    "answer": _answer,
    "pair": _pair,
    "unpair": _unpair,
    "accept-change": _accept_change,
    "accept-systems": _accept_systems,
    "withdraw-systems": _withdraw_systems,
    "accept-database": _accept_database,
    "settle-start": _settle_start,
    "by-hand": _by_hand,
    "branches": _branches,
}


def tenant_file(tenant: str) -> Tenant:
    """Return what a tenant's file says. Raises ConfigurationError if it is broken or not there."""
    found = read_tenant_of(settings.tenants_folder(), dag_id(tenant))
    if found.faults:
        raise found.faults[0]
    for read in found.tenants.values():
        return read
    raise ConfigurationError(
        f"nothing was recorded: the file of tenant {tenant!r} is not in {settings.tenants_folder()} "
        "(PRESYNC_TENANTS of the API server). Bring it back, or mount the folder there.",
        source=tenant,
    )


def _finding(form: FormData) -> str:
    return needed(form, "finding", "the finding").lower()


def _entity(form: FormData) -> Entity:
    name = needed(form, "entity", "which records it is about")
    if name not in ENTITIES:
        raise ConfigurationError(f"nothing was recorded: {name!r} is not one of {', '.join(ENTITIES)}")
    return name


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"nothing was recorded: {text!r} is not a day; write it as 2026-12-31"
        ) from None
