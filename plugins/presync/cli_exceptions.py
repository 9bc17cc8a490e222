"""The commands that put a person's word on record: waivers, answers, confirmed pairs."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, cast

from presync import settings
from presync.control import exceptions as record
from presync.control.runs import newest_build
from presync.errors import ConfigurationError, PresyncError
from presync.exceptions import (
    ConfirmedPair,
    GivenAnswer,
    file_answer,
    parse_answer,
    refuse_other_answer,
    with_answers,
)
from presync.staging.database import FILE
from presync.staging.store import RunStore
from presync.tenant_folder import read_folder
from presync.tenants import ENTITIES, Entity, Tenant

FINE: Final = 0


def add_commands(commands: Any) -> None:
    """Add the commands to `presync`'s parser."""
    waive = commands.add_parser("waive", help="let a finding stand, for a reason, until a day")
    waive.add_argument("tenant", metavar="TENANT")
    waive.add_argument("finding", metavar="FINDING_ID", help="as in findings.csv")
    waive.add_argument("--reason", required=True, metavar="TEXT", help="why it may stand")
    waive.add_argument("--until", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
    _add(waive, _waive, "who says so")

    unwaive = commands.add_parser("unwaive", help="withdraw a waiver")
    unwaive.add_argument("tenant", metavar="TENANT")
    unwaive.add_argument("finding", metavar="FINDING_ID")
    _add(unwaive, _unwaive, "who withdraws it")

    decide = commands.add_parser("decide", help="answer one of the five questions")
    decide.add_argument("tenant", metavar="TENANT")
    decide.add_argument("entity", choices=ENTITIES, metavar="ENTITY", help=", ".join(ENTITIES))
    decide.add_argument("answer", metavar="ANSWER", help="all, none, except:Gr5=1, or withdraw")
    _add(decide, _decide, "who decides")

    confirm = commands.add_parser("confirm-pair", help="say that two records are the same, or are not")
    _add_pair(confirm)
    word = confirm.add_mutually_exclusive_group(required=True)
    word.add_argument("--same", action="store_true", help="the two are the same")
    word.add_argument("--different", action="store_true", help="the two are not the same")
    confirm.add_argument("--reason", required=True, metavar="TEXT", help="how you know")
    _add(confirm, _confirm_pair, "who says so")

    unconfirm = commands.add_parser("unconfirm-pair", help="withdraw what was said of two records")
    _add_pair(unconfirm)
    _add(unconfirm, _unconfirm_pair, "who withdraws it")


def _add(parser: argparse.ArgumentParser, command: Any, who: str) -> None:
    parser.add_argument("--by", required=True, metavar="NAME", help=who)
    parser.set_defaults(command=command)


def _add_pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tenant", metavar="TENANT")
    parser.add_argument("entity", choices=ENTITIES, metavar="ENTITY", help=", ".join(ENTITIES))
    parser.add_argument("business_code", metavar="BUSINESS_CODE", help="code in Visma Business")
    parser.add_argument("severa_guid", metavar="SEVERA_GUID")


def _waive(options: argparse.Namespace) -> int:
    waiver = record.waive(
        options.tenant, options.finding, reason=options.reason, by=options.by, until=options.until
    )
    print(
        f"{options.tenant}: {waiver.rule} {waiver.finding_id} is waived through {waiver.until} (UTC), as "
        "long as its records keep their values; it counts from the next run on"
    )
    return FINE


def _unwaive(options: argparse.Namespace) -> int:
    record.unwaive(options.tenant, options.finding, by=options.by)
    print(f"{options.tenant}: the waiver of {options.finding} is withdrawn; nothing may start on it any more")
    return FINE


def _decide(options: argparse.Namespace) -> int:
    tenant = _tenant(options.tenant)
    if options.answer != record.WITHDRAW:
        answer = _understood(tenant, options.entity, options.answer)
        refuse_other_answer(tenant, GivenAnswer(options.entity, answer, options.by, datetime.now(UTC).date()))
    else:
        answer = record.WITHDRAW
    record.decide(tenant.tenant, options.entity, answer, by=options.by)
    print(f"{tenant.tenant}: {options.entity}: {answer} ({options.by}); it counts from the next run on")
    return FINE


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


def _confirm_pair(options: argparse.Namespace) -> int:
    digest = _digest_now(options.tenant, options.entity, options.business_code, options.severa_guid)
    pair = _pair(options, same=options.same, digest=digest, reason=options.reason)
    record.confirm_pair(options.tenant, pair)
    said = "the same" if pair.same else "different"
    print(
        f"{options.tenant}: {options.entity} {pair.business_code} and {pair.severa_guid} are {said} "
        f"({pair.by}), as long as both keep their names; it counts from the next run on"
    )
    return FINE


def _unconfirm_pair(options: argparse.Namespace) -> int:
    record.unconfirm_pair(options.tenant, _pair(options, same=True, digest="", reason=""))
    print(f"{options.tenant}: nothing is said any more of {options.business_code} and {options.severa_guid}")
    return FINE


def _pair(options: argparse.Namespace, *, same: bool, digest: str, reason: str) -> ConfirmedPair:
    return ConfirmedPair(
        entity=cast("Entity", options.entity),
        business_code=options.business_code.strip(),
        severa_guid=options.severa_guid.strip(),
        same=same,
        names_digest=digest,
        reason=reason,
        by=options.by,
    )


def _digest_now(tenant: str, entity: str, business_code: str, severa_guid: str) -> str:
    """Return what tells the names of the two records, as the newest run read them.

    Raises ConfigurationError if it did not read exactly one record of each, or its data are gone.
    """
    database = _newest_database(tenant)
    names = []
    for system, column, value in (
        ("visma_business", "code_key", business_code.strip().casefold()),
        ("severa", "guid", severa_guid.strip()),
    ):
        found = _names(database, entity, system, column, value)
        if len(found) != 1:
            what = "no record" if not found else f"{len(found)} records"
            raise ConfigurationError(
                f"the newest run of tenant {tenant} has {what} of {entity} {value!r} in {system}; a pair is "
                "two records that anybody can tell. Check code and guid in findings.csv.",
                source=tenant,
            )
        names.append(found[0])
    from presync.exceptions import names_digest

    return names_digest(*names)


def _names(database: Path, entity: str, system: str, column: str, value: str) -> list[str]:
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            f"SELECT coalesce(name, '') FROM checks.records WHERE suite = ? AND system = ? AND {column} = ?",
            [entity, system, value],
        ).fetchall()
    return [str(name) for (name,) in rows]


def _newest_database(tenant: str) -> Path:
    run_id = newest_build(tenant)
    try:
        if run_id is not None:
            return RunStore(tenant, run_id).fetch("database") / FILE
        reason = "no run of it has been recorded"
    except PresyncError as error:
        reason = error.message
    raise ConfigurationError(
        f"the names of the two records cannot be looked up for tenant {tenant!r}: {reason}. A pair is "
        "confirmed for the names it has, so run the tenant first, where PRESYNC_DATA is the same.",
        source=tenant,
    )


def _tenant(name: str) -> Tenant:
    """Return a tenant by its name; its file must be readable, because it may answer otherwise."""
    folder = read_folder(settings.tenants_folder())
    found = [tenant for tenant in folder.tenants.values() if tenant.tenant == name]
    if len(found) == 1:
        return found[0]
    raise ConfigurationError(
        f"{settings.tenants_folder()} holds no readable file of tenant {name!r}. Check the name, or "
        "PRESYNC_TENANTS; `presync validate` says which tenants there are.",
        source=name,
    )
