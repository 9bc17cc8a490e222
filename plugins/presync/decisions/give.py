"""What a person says of a company, as commands and the company's page take it: checked, then recorded.

Whatever one of these refuses, no other way records either. Waivers need no more than `record.waive`.
"""

from __future__ import annotations

from typing import cast

from presync.control.who import Who, as_who
from presync.decisions import record
from presync.decisions.file import exceptions_file, read_file, refuse_pair_against_file
from presync.decisions.known_records import KnownPair, records_of_newest_run
from presync.decisions.model import ConfirmedPair
from presync.errors import ConfigurationError
from presync.tenants.answers import file_answer, parse_answer, with_answers
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant


def answer_question(tenant: Tenant, entity: Entity, text: str, *, by: Who) -> str:
    """Answer one of the five questions, or with `withdraw` take the answer back; return what was recorded.

    Raises ConfigurationError if it is no answer, or if a file answers the question otherwise.
    """
    given = text.strip()
    given = given.lower() if given.isalpha() else given
    if given != record.WITHDRAW:
        given = _understood(tenant, entity, given)
        _refuse_second_answer(tenant, entity, given)
    record.decide(tenant.tenant, entity, given, by=by)
    return given


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
            f"{answer!r} is not an answer to “transfer all {entity}?”: it is all, none, or "
            "except:FIELD=VALUE with a Group field (Gr, Gr2 … Gr12) and a whole number, e.g. except:Gr5=1",
            source=tenant.tenant,
        )
    return understood


def say_pair(
    tenant: str, entity: str, business_code: str, severa_guid: str, *, same: bool, reason: str, by: Who
) -> KnownPair:
    """Put on record that two records of the newest run are the same, or are not; return the two.

    Raises ConfigurationError if they are not two that anybody can tell, without a reason, or if something
    else on record contradicts it.
    """
    with records_of_newest_run(tenant) as records:
        known = records.pair(entity, business_code, severa_guid)
    pair = pair_said(entity, known, same=same, reason=reason, by=as_who(by).name)
    refuse_pair_against_file(tenant, pair)
    record.confirm_pair(tenant, pair, by=by)
    return known


def take_back_pair(tenant: str, entity: str, business_code: str, severa_guid: str, *, by: Who) -> None:
    """Withdraw what was said of two records. Raises ConfigurationError if there is nothing."""
    known = KnownPair(business_code.strip(), severa_guid.strip(), "", "", "")
    record.unconfirm_pair(tenant, pair_said(entity, known, same=True, reason="", by=by.name), by=by)


def pair_said(entity: str, known: KnownPair, *, same: bool, reason: str, by: str) -> ConfirmedPair:
    """Return what somebody says of two records."""
    return ConfirmedPair(
        entity=cast("Entity", entity),
        business_code=known.business_code,
        severa_guid=known.guid,
        same=same,
        names_digest=known.names_digest,
        reason=reason,
        by=by,
    )
