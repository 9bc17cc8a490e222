"""Proposed exclusions in a rehearsal: the marks, and the answers without which they mean nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from presync.errors import ConfigurationError
from presync.fixes.model import BusinessChange, FixPlan
from presync.tenants.answers import with_answers
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant, Transfer


def exclude_listed(
    tenant: Tenant,
    decided: Mapping[str, str],
    plan: FixPlan,
    marks: Mapping[Entity, Sequence[BusinessChange]],
) -> tuple[Tenant, dict[str, str]]:
    """Add the marks to the plan; return the tenant and the answers by command, as they must be for them.

    Raises ConfigurationError if an answer names another Group field or value, or is `none`.
    """
    answers: dict[str, Any] = {}
    answered = with_answers(tenant, decided).transfer
    for entity, changes in marks.items():
        if answered.exclusion(entity) is None:
            answers[entity] = _answer_needed(answered, entity, changes[0])
            # no answer named the field, so its values were not staged
            plan.visma_business += [replace(change, current="") for change in changes]
        else:
            _require_same_mark(answered, entity, changes[0])
            plan.visma_business += changes
    transfer = Transfer.model_validate(tenant.transfer.model_dump(by_alias=True) | answers)
    left = {entity: answer for entity, answer in decided.items() if entity not in answers}
    return tenant.model_copy(update={"transfer": transfer}), left


def _answer_needed(answered: Transfer, entity: Entity, mark: BusinessChange) -> dict[str, Any]:
    if answered.answer(entity) == "none":
        raise ConfigurationError(
            f"{entity} do not transfer at all, as the answer is none: there is nothing to exclude. Leave "
            "them out of --exclude.",
            source="transfer",
        )
    return {"except": {"field": mark.column, "value": int(mark.proposed)}}


def _require_same_mark(answered: Transfer, entity: Entity, mark: BusinessChange) -> None:
    given = answered.exclusion(entity)
    if given is not None and (given.field, str(given.value)) != (mark.column, mark.proposed):
        raise ConfigurationError(
            f"the list for {entity} puts {mark.proposed} into {mark.column}, but the answer excludes by "
            f"{given.field} = {given.value}: nothing would be excluded. Take the list of this run's report.",
            source="transfer",
        )
