"""The commands that put a person's word on record: waivers, answers, confirmed pairs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from presync.cli.exit_codes import FINE
from presync.cli.tenant_argument import tenant_name, tenant_of
from presync.cli.who import given_by
from presync.control.runs import newest_build
from presync.decisions import record
from presync.decisions.file import exceptions_file, read_file, refuse_pair_against_file
from presync.decisions.model import ConfirmedPair
from presync.errors import ConfigurationError, IncompleteError
from presync.staging.database import DATABASE_FILE, reading
from presync.staging.masked_names import show_names
from presync.staging.store import RunStore
from presync.tenants.answers import file_answer, parse_answer, with_answers
from presync.tenants.model import Entity, Tenant


def waive(typed: str, finding: str, *, reason: str, until: date, by: str | None) -> int:
    """Let a finding stand."""
    tenant = tenant_name(typed)
    waiver = record.waive(tenant, finding.strip().lower(), reason=reason, by=given_by(by), until=until)
    print(
        f"{tenant}: {waiver.rule} {waiver.finding_id} is waived through {waiver.until} (UTC), as "
        "long as its records keep their values; it counts from the next run on"
    )
    return FINE


def unwaive(typed: str, finding: str, *, by: str | None) -> int:
    """Withdraw a waiver."""
    tenant, finding = tenant_name(typed), finding.strip().lower()
    record.unwaive(tenant, finding, by=given_by(by))
    print(f"{tenant}: the waiver of {finding} is withdrawn; nothing may start on it any more")
    return FINE


def decide(typed: str, name: str, text: str, *, by: str | None) -> int:
    """Answer one of the five questions."""
    tenant, entity, given = tenant_of(typed), cast("Entity", name), text.strip()
    given = given.lower() if given.isalpha() else given
    if given != record.WITHDRAW:
        answer = _understood(tenant, entity, given)
        _refuse_second_answer(tenant, entity, answer)
    else:
        answer = record.WITHDRAW
    record.decide(tenant.tenant, entity, answer, by=given_by(by))
    shown = "the answer by command is withdrawn" if answer == record.WITHDRAW else answer
    print(f"{tenant.tenant}: {entity}: {shown} ({given_by(by).name}); it counts from the next run on")
    return FINE


def _refuse_second_answer(tenant: Tenant, entity: Entity, answer: str) -> None:
    """Raise ConfigurationError if the tenant file or the exceptions file answers a question otherwise."""
    exceptions = exceptions_file(tenant.tenant)
    said = [(f"the tenant file (`transfer.{entity}`)", file_answer(tenant, entity))]
    said += [(exceptions.name, e.given().answer) for e in read_file(exceptions).answers if e.entity == entity]
    for where, other in said:
        if other not in {None, answer}:
            raise ConfigurationError(
                f"nothing was recorded: whether all {entity} of tenant {tenant.tenant} transfer would "
                f"be answered twice, because {where} says {other!r} already. Change it there.",
                source=tenant.tenant,
            )


def _understood(tenant: Tenant, entity: Entity, answer: str) -> str:
    """Return an answer as it is recorded. Raises ConfigurationError if it is none."""
    try:
        understood = file_answer(with_answers(tenant, {entity: answer}), entity)
    except ValueError:
        understood = None
    if understood is None or parse_answer(answer) is None:
        raise ConfigurationError(
            f"{answer!r} is no answer to “transfer all {entity}?”: it is all, none, or except:FIELD=VALUE "
            "with a Group field (Gr, Gr2 … Gr12) and a whole number, e.g. except:Gr5=1",
            source=tenant.tenant,
        )
    return understood


def confirm_pair(
    typed: str, entity: str, business_code: str, severa_guid: str, *, same: bool, reason: str, by: str | None
) -> int:
    """Put on record that two records are the same, or are not."""
    tenant = tenant_name(typed)
    known = _look_up(tenant, entity, business_code, severa_guid)
    who = given_by(by)
    pair = _pair(
        entity, business_code, known.guid, same=same, digest=known.names_digest, reason=reason, by=who.name
    )
    refuse_pair_against_file(tenant, pair)
    record.confirm_pair(tenant, pair, by=who)
    said = "the same" if pair.same else "different"
    print(
        f"{tenant}: {entity} {pair.business_code} “{known.business_name}” and {pair.severa_guid} "
        f"“{known.severa_name}” are {said} ({pair.by}), as long as both keep their names; it counts from the "
        "next run on"
    )
    return FINE


def unconfirm_pair(typed: str, entity: str, business_code: str, severa_guid: str, *, by: str | None) -> int:
    """Withdraw what was said of two records."""
    tenant, pair = tenant_name(typed), _pair(entity, business_code, severa_guid.strip(), by=given_by(by).name)
    record.unconfirm_pair(tenant, pair, by=given_by(by))
    print(f"{tenant}: nothing is said any more of {pair.business_code} and {pair.severa_guid}")
    return FINE


def settle_start(typed: str, *, confirm: bool, by: str | None) -> int:
    """Record a person's word on a start of which nobody knows whether it arrived."""
    from presync.control.starts import confirm_start, reset_start

    settle = confirm_start if confirm else reset_start
    start = settle(tenant_name(typed), given_by(by))
    print(f"the start of {start.tenant} is now {start.state!r}: {start.detail} ({start.who})")
    return FINE


def accept_database(typed: str, *, started: bool, by: str | None) -> int:
    """Accept a control database that has forgotten a tenant."""
    from presync.gate import same_database

    tenant, who = tenant_name(typed), given_by(by)
    same_database.accept_database(tenant, started=started, by=who)
    print(f"{tenant}: this control database is the right one from now on ({who.name})")
    return FINE


def accept_change(typed: str, table: str, *, by: str | None) -> int:
    """Accept that a table or column has lost most of its content."""
    from presync.control import extracts

    tenant = tenant_name(typed)
    system, name = extracts.accept_change(tenant, table.strip(), by=given_by(by))
    print(f"{tenant}: the next extract of {system} may find less in {name} (accepted by {given_by(by).name})")
    return FINE


def accept_systems(typed: str, *, withdraw: bool, reason: str, by: str | None) -> int:
    """Record a person's word that the two systems of the newest run belong together, or take it back."""
    from presync.decisions import systems

    tenant, who = tenant_of(typed), given_by(by)
    if withdraw:
        systems.withdraw_systems(tenant.tenant, by=who)
        print(f"{tenant.tenant}: nobody says any more that the two systems are right")
        return FINE
    systems.accept_systems(tenant.tenant, _question(tenant), reason=reason, by=who)
    print(
        f"{tenant.tenant}: the two systems are right ({who.name}), as long as they say the same of "
        "themselves; it counts from the next run on"
    )
    return FINE


def _question(tenant: Tenant) -> str:
    """Return the digest of what the newest run asks about the two systems."""
    from presync.verdict.evidence import gather
    from presync.verdict.right_systems import question

    database = _newest_database(tenant.tenant)
    run = gather(tenant, RunStore(tenant.tenant, newest_build(tenant.tenant) or ""), ())
    asked = question(tenant.tenant, run.identity, run.counts, country=tenant.country, masked=False)
    if asked is None or not run.build_id:
        raise ConfigurationError(
            f"nothing was recorded: the newest run of tenant {tenant.tenant} asks nothing about the two "
            f"systems (its data are in {database.parent}). Run it again if they have changed since.",
            source=tenant.tenant,
        )
    return asked.digest


def _pair(
    entity: str,
    business_code: str,
    guid: str,
    *,
    by: str,
    same: bool = True,
    digest: str = "",
    reason: str = "",
) -> ConfirmedPair:
    return ConfirmedPair(
        entity=cast("Entity", entity),
        business_code=business_code.strip(),
        severa_guid=guid,
        same=same,
        names_digest=digest,
        reason=reason,
        by=by,
    )


@dataclass(frozen=True)
class _Known:
    """Two records as the newest run read them: the guid as written there, names as they may be shown."""

    guid: str
    names_digest: str
    business_name: str
    severa_name: str


def _look_up(tenant: str, entity: str, business_code: str, severa_guid: str) -> _Known:
    """Return the two records that somebody typed.

    Raises ConfigurationError if the newest run did not read exactly one record of each, or its data are gone.
    """

    from presync.decisions.model import names_digest

    found = []
    with reading(_newest_database(tenant)) as connection:
        show_names(connection)
        for system, column, value in (
            ("visma_business", "code_key", business_code.strip().casefold()),
            ("severa", "lower(guid)", severa_guid.strip().lower()),
        ):
            rows = connection.execute(
                "SELECT guid, coalesce(name, ''), shown(coalesce(name, '')) FROM checks.records "
                f"WHERE suite = ? AND system = ? AND {column} = ?",
                [entity, system, value],
            ).fetchall()
            if len(rows) != 1:
                raise _not_one(tenant, entity, system, value, len(rows))
            found.append(rows[0])
    (_, business_name, business_shown), (guid, severa_name, severa_shown) = found
    return _Known(guid, names_digest(business_name, severa_name), business_shown, severa_shown)


def _not_one(tenant: str, entity: str, system: str, value: str, count: int) -> ConfigurationError:
    return ConfigurationError(
        f"nothing was recorded: the newest run of tenant {tenant} has {count or 'no'} "
        f"record{'' if count == 1 else 's'} of {entity} {value!r} in {system}; a pair is two records that "
        "anybody can tell. Check code and guid in findings.csv.",
        source=tenant,
    )


def _newest_database(tenant: str) -> Path:
    run_id = newest_build(tenant)
    try:
        if run_id is not None:
            return RunStore(tenant, run_id).fetch("database") / DATABASE_FILE
        reason = "no run of it has been recorded"
    except IncompleteError:
        reason = f"the data of its newest run ({run_id}) are not there any more, or in another PRESYNC_DATA"
    raise ConfigurationError(
        f"nothing was recorded: the names of the two records cannot be looked up for tenant {tenant!r}, "
        f"because {reason}. A pair is confirmed for the names it has, so run the tenant first.",
        source=tenant,
    )
