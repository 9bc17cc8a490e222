"""The commands that put a person's word on record: waivers, answers, confirmed pairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import cast

from presync.cli.exit_codes import FINE
from presync.cli.tenant_argument import tenant_name, tenant_of
from presync.cli.who import given_by
from presync.decisions import give, record
from presync.errors import ConfigurationError
from presync.tenants.entities import Entity


def waive(typed: str, finding: str, *, reason: str, until: date, by: str | None) -> int:
    """Let a finding stand."""
    tenant = tenant_name(typed)
    waiver = record.waive(tenant, finding.strip().lower(), reason=reason, by=given_by(by), until=until)
    print(
        f"{tenant}: {waiver.rule} {waiver.finding_id} is waived through {waiver.until} (UTC), as "
        "long as its records keep their values; it takes effect with the next run"
    )
    return FINE


def unwaive(typed: str, finding: str, *, by: str | None) -> int:
    """Withdraw a waiver."""
    tenant, finding = tenant_name(typed), finding.strip().lower()
    record.unwaive(tenant, finding, by=given_by(by))
    print(f"{tenant}: the waiver of {finding} is withdrawn; no start may rest on it any more")
    return FINE


def decide(typed: str, name: str, text: str, *, by: str | None) -> int:
    """Answer one of the five questions."""
    tenant, entity = tenant_of(typed), cast("Entity", name)
    answer = give.answer_question(tenant, entity, text, by=given_by(by))
    shown = "the answer by command is withdrawn" if answer == record.WITHDRAW else answer
    print(f"{tenant.tenant}: {entity}: {shown} ({given_by(by).name}); it takes effect with the next run")
    return FINE


def confirm_pair(
    typed: str, entity: str, business_code: str, severa_guid: str, *, same: bool, reason: str, by: str | None
) -> int:
    """Put on record that two records are the same, or are not."""
    tenant, who = tenant_name(typed), given_by(by)
    known = give.say_pair(tenant, entity, business_code, severa_guid, same=same, reason=reason, by=who)
    said = "the same" if same else "different"
    print(
        f"{tenant}: {entity} {known.business_code} “{known.business_name}” and {known.guid} "
        f"“{known.severa_name}” are {said} ({who.name}), as long as both keep names and "
        "ids; it takes effect with the next run"
    )
    return FINE


def unconfirm_pair(typed: str, entity: str, business_code: str, severa_guid: str, *, by: str | None) -> int:
    """Withdraw what was said of two records."""
    tenant = tenant_name(typed)
    give.take_back_pair(tenant, entity, business_code, severa_guid, by=given_by(by))
    print(f"{tenant}: the word on {business_code.strip()} and {severa_guid.strip()} is withdrawn")
    return FINE


def branches(typed: str, customers: Sequence[str], *, reason: str, by: str | None) -> int:
    """Say who is who in a group of customers."""
    from presync.decisions.branches import say_branches

    tenant, who = tenant_name(typed), given_by(by)
    partners = {}
    for each in customers:
        code, equals, guid = each.rpartition("=")
        if not equals or not code.strip() or not guid.strip():
            raise ConfigurationError(
                f"nothing was recorded: {each!r} is not CODE=GUID, or CODE=none", source=tenant
            )
        partners[code] = "" if guid.strip().lower() == "none" else guid
    recorded = say_branches(tenant, "customers", partners, reason=reason, by=who)
    print(f"{tenant}: recorded ({who.name}): {recorded}; it takes effect with the next run")
    return FINE


def answer(typed: str, file: Path, *, by: str | None) -> int:
    """Record what people filled into `by_hand`."""
    from presync.decisions.bulk import record_answers
    from presync.report.files.by_hand import read_by_hand

    tenant, who = tenant_name(typed), given_by(by)
    recorded = record_answers(tenant, read_by_hand(file), by=who)
    print(f"{tenant}: recorded ({who.name}): {recorded}; it takes effect with the next run")
    return FINE


def settle_start(typed: str, *, confirm: bool, by: str | None) -> int:
    """Record a person's word on a start of which nobody knows whether it arrived."""
    from presync.control.starts import confirm_start, reset_start
    from presync.report.decision import show_settled

    settle = confirm_start if confirm else reset_start
    start = settle(tenant_name(typed), given_by(by))
    show_settled(start.tenant)
    print(f"the start of {start.tenant} is now {start.state!r}: {start.detail} ({start.who})")
    return FINE


def accept_database(typed: str, *, started: bool, by: str | None) -> int:
    """Accept a control database that has forgotten a tenant."""
    from presync.gate import same_database
    from presync.report.decision import show_settled

    tenant, who = tenant_name(typed), given_by(by)
    same_database.accept_database(tenant, started=started, by=who)
    show_settled(tenant)
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
    from presync.verdict.asked_systems import asked_digest

    tenant, who = tenant_of(typed), given_by(by)
    if withdraw:
        systems.withdraw_systems(tenant.tenant, by=who)
        print(f"{tenant.tenant}: the word that the two systems are right is withdrawn")
        return FINE
    systems.accept_systems(tenant.tenant, asked_digest(tenant), reason=reason, by=who)
    print(
        f"{tenant.tenant}: the two systems are right ({who.name}), as long as they describe "
        "themselves in the same way; it takes effect with the next run"
    )
    return FINE
