"""The commands that put a person's word on record: waivers, answers, confirmed pairs."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

from presync.cli.tenant_argument import tenant_name, tenant_of
from presync.control.runs import newest_build
from presync.decisions import record
from presync.decisions.file import exceptions_file, read_file, refuse_pair_against_file
from presync.decisions.model import ConfirmedPair
from presync.errors import ConfigurationError, IncompleteError
from presync.staging.database import DATABASE_FILE, reading
from presync.staging.masked_names import show_names
from presync.staging.store import RunStore
from presync.tenants.answers import file_answer, parse_answer, with_answers
from presync.tenants.model import ENTITIES, Entity, Tenant

FINE: Final = 0
TENANT: Final = "a tenant's name, or its file"


def add_commands(commands: Any) -> None:
    """Add the commands to `presync`'s parser."""
    waive = commands.add_parser("waive", help="let a finding stand, for a reason, until a day")
    waive.add_argument("tenant", metavar="TENANT", help=TENANT)
    waive.add_argument("finding", metavar="FINDING_ID", help="as in findings.csv")
    waive.add_argument("--reason", required=True, metavar="TEXT", help="why it may stand")
    waive.add_argument("--until", required=True, type=_day, metavar="YYYY-MM-DD", help="last day (UTC)")
    _add(waive, _waive, "who says so")

    unwaive = commands.add_parser("unwaive", help="withdraw a waiver")
    unwaive.add_argument("tenant", metavar="TENANT", help=TENANT)
    unwaive.add_argument("finding", metavar="FINDING_ID")
    _add(unwaive, _unwaive, "who withdraws it")

    decide = commands.add_parser("decide", help="answer one of the five questions")
    decide.add_argument("tenant", metavar="TENANT", help=TENANT)
    decide.add_argument("entity", type=_plain, choices=ENTITIES, metavar="ENTITY", help=", ".join(ENTITIES))
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


def _plain(text: str) -> str:
    return text.strip().lower()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-12-31") from None


def _add(parser: argparse.ArgumentParser, command: Any, who: str) -> None:
    parser.add_argument("--by", required=True, metavar="NAME", help=who)
    parser.set_defaults(command=command)


def _add_pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tenant", metavar="TENANT", help=TENANT)
    parser.add_argument("entity", type=_plain, choices=ENTITIES, metavar="ENTITY", help=", ".join(ENTITIES))
    parser.add_argument("business_code", metavar="BUSINESS_CODE", help="code in Visma Business")
    parser.add_argument("severa_guid", metavar="SEVERA_GUID")


def _waive(options: argparse.Namespace) -> int:
    tenant = tenant_name(options.tenant)
    waiver = record.waive(
        tenant, _plain(options.finding), reason=options.reason, by=options.by, until=options.until
    )
    print(
        f"{tenant}: {waiver.rule} {waiver.finding_id} is waived through {waiver.until} (UTC), as "
        "long as its records keep their values; it counts from the next run on"
    )
    return FINE


def _unwaive(options: argparse.Namespace) -> int:
    tenant, finding = tenant_name(options.tenant), _plain(options.finding)
    record.unwaive(tenant, finding, by=options.by)
    print(f"{tenant}: the waiver of {finding} is withdrawn; nothing may start on it any more")
    return FINE


def _decide(options: argparse.Namespace) -> int:
    tenant, given = tenant_of(options.tenant), options.answer.strip()
    given = given.lower() if given.isalpha() else given
    if given != record.WITHDRAW:
        answer = _understood(tenant, options.entity, given)
        _refuse_second_answer(tenant, options.entity, answer)
    else:
        answer = record.WITHDRAW
    record.decide(tenant.tenant, options.entity, answer, by=options.by)
    shown = "the answer by command is withdrawn" if answer == record.WITHDRAW else answer
    print(f"{tenant.tenant}: {options.entity}: {shown} ({options.by}); it counts from the next run on")
    return FINE


def _refuse_second_answer(tenant: Tenant, entity: Entity, answer: str) -> None:
    """Raise ConfigurationError if the tenant file or the exceptions file answers a question otherwise."""
    exceptions = exceptions_file(tenant.tenant)
    said = [(f"the tenant file (`transfer.{entity}`)", file_answer(tenant, entity))]
    said += [(exceptions.name, e.given().answer) for e in read_file(exceptions).answers if e.entity == entity]
    for where, other in said:
        if other not in {None, answer}:
            raise ConfigurationError(
                f"nothing was recorded: whether all {entity} of tenant {tenant.tenant} shall transfer would "
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


def _confirm_pair(options: argparse.Namespace) -> int:
    tenant = tenant_name(options.tenant)
    known = _look_up(tenant, options.entity, options.business_code, options.severa_guid)
    pair = _pair(options, known.guid, same=options.same, digest=known.names_digest, reason=options.reason)
    refuse_pair_against_file(tenant, pair)
    record.confirm_pair(tenant, pair)
    said = "the same" if pair.same else "different"
    print(
        f"{tenant}: {options.entity} {pair.business_code} “{known.business_name}” and {pair.severa_guid} "
        f"“{known.severa_name}” are {said} ({pair.by}), as long as both keep their names; it counts from the "
        "next run on"
    )
    return FINE


def _unconfirm_pair(options: argparse.Namespace) -> int:
    tenant, pair = tenant_name(options.tenant), _pair(options, options.severa_guid.strip())
    record.unconfirm_pair(tenant, pair)
    print(f"{tenant}: nothing is said any more of {pair.business_code} and {pair.severa_guid}")
    return FINE


def _pair(
    options: argparse.Namespace, guid: str, *, same: bool = True, digest: str = "", reason: str = ""
) -> ConfirmedPair:
    return ConfirmedPair(
        entity=cast("Entity", options.entity),
        business_code=options.business_code.strip(),
        severa_guid=guid,
        same=same,
        names_digest=digest,
        reason=reason,
        by=options.by,
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
