"""Answers, waivers and confirmed pairs given by command: rows are added and withdrawn, never removed."""

from __future__ import annotations

from datetime import date
from typing import TypeVar, cast, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from presync.control.audit import write_audit
from presync.control.database import lock, now, transaction
from presync.control.findings import find_finding
from presync.control.models import AcceptedSystems, ConfirmedPairRecord, Decision, FindingRecord, WaiverRecord
from presync.control.who import Who, WhoKind, as_who
from presync.decisions.longest import refuse_too_long
from presync.decisions.model import ConfirmedPair, GivenAnswer, Waiver
from presync.decisions.pairs import refuse_second_partner
from presync.errors import ConfigurationError
from presync.tenants.entities import Entity

Given = TypeVar("Given", Decision, WaiverRecord, ConfirmedPairRecord, AcceptedSystems)
WITHDRAW = "withdraw"


def given_answers(tenant: str) -> list[GivenAnswer]:
    """Return the answers in force."""
    with transaction() as session:
        return [
            GivenAnswer(
                cast("Entity", each.entity),
                each.answer,
                each.who,
                each.given_at.date(),
                by_kind=kind_of(each.who_kind),
            )
            for each in _in_force(session, Decision, tenant)
        ]


def given_waivers(tenant: str) -> list[Waiver]:
    """Return the waivers that nobody has withdrawn, expired ones too."""
    with transaction() as session:
        return [
            Waiver(
                w.finding_id, w.rule, w.values_digest, w.reason, w.who, w.until, by_kind=kind_of(w.who_kind)
            )
            for w in _in_force(session, WaiverRecord, tenant)
        ]


def given_pairs(tenant: str) -> list[ConfirmedPair]:
    """Return the confirmed pairs that nobody has withdrawn."""
    with transaction() as session:
        return [_as_given(each) for each in _in_force(session, ConfirmedPairRecord, tenant)]


def _as_given(record: ConfirmedPairRecord) -> ConfirmedPair:
    return ConfirmedPair(
        entity=cast("Entity", record.entity),
        business_code=record.business_code,
        severa_guid=record.severa_guid,
        same=record.same,
        names_digest=record.names_digest,
        reason=record.reason,
        by=record.who,
        by_kind=kind_of(record.who_kind),
    )


def kind_of(stored: str | None) -> WhoKind:
    """Return how sure it is who gave something; what is older than this column counts as typed."""
    return cast("WhoKind", stored) if stored in get_args(WhoKind) else "typed"


def decide(tenant: str, entity: str, answer: str, *, by: str | Who) -> None:
    """Record an answer to a question, or with `withdraw` take back the one in force."""
    who = _name(by)
    with transaction() as session:
        lock_exceptions(session, tenant)
        earlier = [each for each in _in_force(session, Decision, tenant) if each.entity == entity]
        if answer == WITHDRAW and not earlier:
            raise ConfigurationError(
                f"nobody has decided about {entity} of tenant {tenant} by command, so there is nothing to "
                "take back. The tenant file's answers are changed in the file.",
                source=tenant,
            )
        _withdraw(earlier, who)
        if answer != WITHDRAW:
            given = Decision(
                tenant=tenant,
                entity=entity,
                answer=answer,
                who=who.name,
                who_kind=who.kind,
                given_at=now(),
            )
            session.add(given)
        before = [each.answer for each in earlier]
        write_audit(session, tenant, who, "decide", {"entity": entity, "answer": answer, "before": before})


def waive(tenant: str, finding_id: str, *, reason: str, by: str | Who, until: date) -> Waiver:
    """Waive a finding of the newest checked run for the values it has there; an earlier waiver is replaced.

    Raises ConfigurationError if it does not stand, cannot be waived, or the date has passed or is too far.
    """
    with transaction() as session:
        lock_exceptions(session, tenant)
        return waive_in(session, tenant, finding_id, reason=reason, by=by, until=until)


def waive_in(
    session: Session, tenant: str, finding_id: str, *, reason: str, by: str | Who, until: date
) -> Waiver:
    """Waive a finding as `waive` does, in a transaction that holds `lock_exceptions`."""
    who = _name(by)
    if not reason.strip():
        raise ConfigurationError(
            "nothing was recorded: say why it may stand (--reason TEXT), because whoever starts rests on it",
            source=tenant,
        )
    if until < now().date():
        raise ConfigurationError(
            f"nothing was recorded: {until} has passed (UTC), so the waiver would not hold a moment. Give a "
            "day that is still to come.",
            source=tenant,
        )
    try:
        refuse_too_long(until)
    except ValueError as error:
        raise ConfigurationError(f"nothing was recorded: {error}.", source=tenant) from None
    finding = standing_finding(session, tenant, finding_id)
    if not finding.waivable:
        raise ConfigurationError(
            f"{finding.rule} cannot be waived (`waivable: false` in expectations/{finding.suite}.json): "
            "what it asks for must be known before anything may start. Correct it instead.",
            source=tenant,
        )
    _withdraw([w for w in _in_force(session, WaiverRecord, tenant) if w.finding_id == finding_id], who)
    waiver = Waiver(
        finding_id,
        finding.rule,
        finding.values_digest,
        _one_line(reason),
        who.name,
        until,
        by_kind=who.kind,
    )
    session.add(
        WaiverRecord(
            tenant=tenant,
            finding_id=finding_id,
            rule=waiver.rule,
            values_digest=waiver.values_digest,
            reason=waiver.reason,
            who=who.name,
            who_kind=who.kind,
            given_at=now(),
            until=until,
        )
    )
    detail = {"finding": finding_id, "rule": waiver.rule, "until": f"{until}", "reason": waiver.reason}
    write_audit(session, tenant, who, "waive", detail)
    return waiver


def lock_exceptions(session: Session, tenant: str) -> None:
    """Let nobody else put anything on record about a tenant until the end of the transaction."""
    lock(session, f"exceptions of {tenant}")


def standing_finding(session: Session, tenant: str, finding_id: str) -> FindingRecord:
    """Return a finding of the newest checked run. Raises ConfigurationError if it does not stand."""
    finding = find_finding(session, tenant, finding_id)
    if finding is None or finding.fixed_at is not None:
        raise ConfigurationError(
            f"tenant {tenant!r} has no standing finding {finding_id!r} in its newest checked run. The "
            f"ids are in findings.csv, and in: presync diff {tenant}",
            source=tenant,
        )
    return finding


def unwaive(tenant: str, finding_id: str, *, by: str | Who) -> None:
    """Withdraw the waiver of a finding. Raises ConfigurationError if there is none."""
    who = _name(by)
    with transaction() as session:
        lock_exceptions(session, tenant)
        given = [w for w in _in_force(session, WaiverRecord, tenant) if w.finding_id == finding_id]
        if not given:
            raise ConfigurationError(
                f"no waiver of finding {finding_id!r} of tenant {tenant!r} was given by command. Those of "
                "the exceptions file are removed there.",
                source=tenant,
            )
        _withdraw(given, who)
        write_audit(session, tenant, who, "unwaive", {"finding": finding_id, "rule": given[0].rule})


def confirm_pair(tenant: str, pair: ConfirmedPair, *, by: Who | None = None) -> None:
    """Record that two records are the same, or are not; what was recorded of them before is withdrawn."""
    with transaction() as session:
        lock_exceptions(session, tenant)
        confirm_pair_in(session, tenant, pair, by=by)


def confirm_pair_in(session: Session, tenant: str, pair: ConfirmedPair, *, by: Who | None = None) -> None:
    """Record a pair as `confirm_pair` does, in a transaction that holds `lock_exceptions`."""
    who = _name(by or pair.by)
    if not pair.reason.strip():
        raise ConfigurationError(
            "nothing was recorded: say how you know (--reason TEXT), because every rule will rest on it",
            source=tenant,
        )
    _withdraw(_of_pair(session, tenant, pair), who)
    session.flush()
    refuse_second_partner(tenant, [*map(_as_given, _in_force(session, ConfirmedPairRecord, tenant)), pair])
    session.add(
        ConfirmedPairRecord(
            tenant=tenant,
            entity=pair.entity,
            business_code=pair.business_code,
            severa_guid=pair.severa_guid,
            same=pair.same,
            names_digest=pair.names_digest,
            reason=_one_line(pair.reason),
            who=who.name,
            who_kind=who.kind,
            given_at=now(),
        )
    )
    detail = _pair_detail(pair) | {"reason": _one_line(pair.reason)}
    write_audit(session, tenant, who, "confirm-pair", detail)


def unconfirm_pair(tenant: str, pair: ConfirmedPair, *, by: Who | None = None) -> None:
    """Withdraw what was recorded of two records. Raises ConfigurationError if there is nothing."""
    who = _name(by or pair.by)
    with transaction() as session:
        lock_exceptions(session, tenant)
        given = _of_pair(session, tenant, pair)
        if not given:
            raise ConfigurationError(
                f"nothing is recorded by command of {pair.entity} {pair.business_code} and "
                f"{pair.severa_guid} of tenant {tenant!r}. What the exceptions file says is removed there.",
                source=tenant,
            )
        _withdraw(given, who)
        write_audit(session, tenant, who, "unconfirm-pair", _pair_detail(pair))


def _pair_detail(pair: ConfirmedPair) -> dict[str, object]:
    return {
        "entity": pair.entity,
        "business_code": pair.business_code,
        "severa_guid": pair.severa_guid,
        "same": pair.same,
    }


def _of_pair(session: Session, tenant: str, pair: ConfirmedPair) -> list[ConfirmedPairRecord]:
    given = _in_force(session, ConfirmedPairRecord, tenant)
    key = (pair.business_code.strip().casefold(), pair.severa_guid.strip().lower())
    return [
        each
        for each in given
        if each.entity == pair.entity
        and (each.business_code.strip().casefold(), each.severa_guid.strip().lower()) == key
    ]


def _in_force(session: Session, kind: type[Given], tenant: str) -> list[Given]:
    given = select(kind).where(kind.tenant == tenant, kind.withdrawn_at.is_(None)).order_by(kind.id)
    return list(session.scalars(given))


def _withdraw(given: list[Given], who: Who) -> None:
    for each in given:
        each.withdrawn_at, each.withdrawn_by = now(), who.name


def _name(by: str | Who) -> Who:
    who = as_who(by)
    if not who.name:
        raise ConfigurationError(
            "nothing was recorded: say who you are (--by NAME), because this is kept with a name",
            source="control",
        )
    return who


def _one_line(text: str) -> str:
    """Return a text without line breaks: in the trail, nobody's words may look like an entry of their own."""
    return " ".join(text.split())
