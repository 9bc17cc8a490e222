"""The rules of the five entities, one function each, named after the rule, in the order of `RULES`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from presync.staging.tables import System
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant
from tests.oracle.keys import is_plain_decimal, trimmed
from tests.oracle.model import Finding, Record, Severity, StagedData
from tests.oracle.pairs import Pair, Pairing, contained_words, equal_codes, equal_names

HIGHEST_INTEGER = 2**31 - 1
HIGHEST_SEVERA_NUMBER = 2**63 - 1
ENOUGH_TO_COMPARE = 20

Subject = tuple[Record | None, Record | None]
Rule = Callable[[Pairing, StagedData], Iterable[Subject]]


def entity_findings(data: StagedData, entity: Entity) -> Iterator[Finding]:
    """Yield every finding of an entity's own rules (its number series are in `numbers`)."""
    pairing = Pairing.of(data, entity)
    for rule, (severity, function) in RULES.items():
        for business, severa in function(pairing, data):
            yield _finding(entity, rule, severity, business, severa)


def _finding(
    entity: Entity, rule: str, severity: Severity, business: Record | None, severa: Record | None
) -> Finding:
    return Finding(
        entity,
        rule,
        severity,
        business_code=business.raw_code if business else "",
        business_name=business.raw_name if business else "",
        severa_guid=severa.guid if severa else "",
        severa_register=severa.register if severa else "",
        severa_code=severa.raw_code if severa else "",
        severa_name=severa.raw_name if severa else "",
    )


def key_kind(tenant: Tenant, entity: Entity) -> Literal["integer"] | int:
    """Return what a Visma Business key of the entity is: an integer, or a text's greatest length."""
    if entity == "products":
        return 40
    if entity in {"departments", "projects"}:
        table = getattr(tenant.visma_business, entity).table
        return "integer" if int(table.removeprefix("R")) <= 6 else 10
    return "integer"


def transfers(pairing: Pairing, data: StagedData) -> bool:
    """Tell whether the entity's answer is anything but `none`; a missing one is not `none`."""
    return data.tenant.transfer.answer(pairing.entity) != "none"


def decision_missing(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(None, None)] if data.tenant.transfer.answer(pairing.entity) is None else []


def code_mismatch(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(b, s) for b, s in pairing.candidates if s.key is not None and not pairing.is_ambiguous((b, s))]


def code_missing(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(b, s) for b, s in pairing.candidates if s.key is None and not pairing.is_ambiguous((b, s))]


def ambiguous_match(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    yield from (pair for pair in pairing.candidates if pairing.is_ambiguous(pair))
    for b, s in pairing.live:
        if (
            pairing.have_equal_ids(b, s)
            and (pairing.has_shared_id(b) or pairing.has_shared_id(s))
            and not pairing.same(b, s)
            and not equal_codes(b, s)
            and pairing.taken((b, s)) == 0
            and not (pairing.is_same_as_a_live_one(b) or pairing.is_same_as_a_live_one(s))
        ):
            yield b, s


def _unlike_with_equal_codes(pairing: Pairing) -> list[Pair]:
    return [(b, s) for b, s in pairing.all if equal_codes(b, s) and not pairing.same_or_alike(b, s)]


def code_conflict(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(b, s) for b, s in _unlike_with_equal_codes(pairing) if not _may_share_code(s)]


def code_shared(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(b, s) for b, s in _unlike_with_equal_codes(pairing) if _may_share_code(s)]


def _may_share_code(severa: Record) -> bool:
    return severa.register in {"worktypes", "travelexpensetypes"}


def same_name_other_id(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [
        (b, s)
        for b, s in pairing.live
        if pairing.entity == "customers"
        and equal_names(b, s)
        and pairing.contradict(b, s)
        and not equal_codes(b, s)
        and pairing.taken((b, s)) < 2
    ]


def code_duplicate(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    severa = pairing.severa
    if pairing.entity == "products" and not _unique_product_codes(data):
        severa = [record for record in severa if record.register == "products"]
    for records in (pairing.business, severa):
        for record in records:
            if any(other is not record and equal_codes(other, record) for other in records):
                yield _alone(record)


def _unique_product_codes(data: StagedData) -> bool:
    return any(row["unique_product_codes"] is True for row in data.rows("severa", "organizationsettings"))


def _alone(record: Record) -> Subject:
    business: System = "visma_business"
    return (record, None) if record.system == business else (None, record)


def code_not_transferable(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    kind = key_kind(data.tenant, pairing.entity)
    for s in pairing.severa:
        fits = is_plain_decimal(s.code, HIGHEST_INTEGER) if kind == "integer" else len(s.code) <= kind
        if s.active and s.key is not None and not fits:
            yield None, s
    if pairing.entity in {"customers", "projects"} and transfers(pairing, data):
        for b in pairing.business:
            if not b.excluded and not is_plain_decimal(b.code, HIGHEST_SEVERA_NUMBER):
                yield b, None


def name_differs(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(b, s) for b, s in pairing.partners if b.name_key != s.name_key and pairing.said(b, s) is None]


def duplicate_entity(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [
        (b, s)
        for b, s in pairing.live
        if (pairing.same(b, s) or pairing.have_equal_ids(b, s))
        and not equal_codes(b, s)
        and pairing.taken((b, s)) == 1
        and not _may_share_code(s)
    ]


def duplicate_in_system(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    if pairing.entity not in {"customers", "employees"}:
        return
    for records in (pairing.business, pairing.severa):
        taking_part = [record for record in records if not record.excluded and record.active]
        for record in taking_part:
            if any(
                other is not record and pairing.same_within_a_system(record, other) for other in taking_part
            ):
                yield _alone(record)


def inactive_twin(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [
        (b, s)
        for b, s in pairing.all
        if not b.excluded
        and not s.active
        and pairing.same(b, s)
        and not equal_codes(b, s)
        and not pairing.is_taken(b, (b, s))
    ]


def near_duplicate(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [
        (b, s)
        for b, s in pairing.live
        if pairing.similar(b, s) and not equal_codes(b, s) and pairing.taken((b, s)) < 2
    ]


def name_contained(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [
        (b, s)
        for b, s in pairing.live
        if pairing.entity == "customers"
        and pairing.alike(b, s)
        and not pairing.similar(b, s)
        and not pairing.have_equal_ids(b, s)
        and not equal_codes(b, s)
        and pairing.taken((b, s)) == 0
        and contained_words(b, s) >= 2
    ]


def systems_unrelated(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    ours = sum(not b.excluded for b in pairing.business)
    theirs = sum(s.active for s in pairing.severa)
    if pairing.entity != "customers" or min(ours, theirs) < ENOUGH_TO_COMPARE:
        return []
    return [] if any(pairing.same_or_alike(b, s) for b, s in pairing.all) else [(None, None)]


def excluded_but_in_severa(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(b, s) for b, s in pairing.all if b.excluded and s.active and pairing.same(b, s)]


def code_absent(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [
        (None, s)
        for s in pairing.severa
        if s.active
        and s.key is None
        and not _may_share_code(s)
        and not any(pairing.same(b, s) for b in pairing.business)
    ]


def group_field_in_use(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    exclusion = data.tenant.transfer.exclusion(pairing.entity)
    if exclusion is None or not pairing.business:
        return
    if any(b.group_value not in {None, 0, exclusion.value} for b in pairing.business):
        yield None, None
    if all(b.excluded for b in pairing.business):
        yield None, None
    if not any(b.excluded for b in pairing.business):
        yield None, None


def _employees_that_move(pairing: Pairing, data: StagedData) -> list[Record]:
    if pairing.entity != "employees" or not transfers(pairing, data):
        return []
    return [b for b in pairing.business if not b.excluded]


def email_missing(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(b, None) for b in _employees_that_move(pairing, data) if not b.has_address]


def name_not_splittable(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(b, None) for b in _employees_that_move(pairing, data) if " " not in trimmed(b.raw_name)]


def name_too_long(pairing: Pairing, data: StagedData) -> Iterable[Subject]:
    return [(None, s) for s in pairing.severa if s.active and len(trimmed(s.raw_name)) > 80]


RULES: dict[str, tuple[Severity, Rule]] = {
    "decision_missing": ("critical", decision_missing),
    "code_mismatch": ("critical", code_mismatch),
    "code_missing": ("critical", code_missing),
    "ambiguous_match": ("critical", ambiguous_match),
    "code_conflict": ("critical", code_conflict),
    "same_name_other_id": ("critical", same_name_other_id),
    "code_duplicate": ("critical", code_duplicate),
    "code_not_transferable": ("critical", code_not_transferable),
    "code_shared": ("warning", code_shared),
    "name_differs": ("warning", name_differs),
    "duplicate_entity": ("warning", duplicate_entity),
    "duplicate_in_system": ("warning", duplicate_in_system),
    "inactive_twin": ("warning", inactive_twin),
    "near_duplicate": ("warning", near_duplicate),
    "name_contained": ("warning", name_contained),
    "systems_unrelated": ("critical", systems_unrelated),
    "excluded_but_in_severa": ("warning", excluded_but_in_severa),
    "code_absent": ("warning", code_absent),
    "group_field_in_use": ("warning", group_field_in_use),
    "email_missing": ("warning", email_missing),
    "name_not_splittable": ("warning", name_not_splittable),
    "name_too_long": ("warning", name_too_long),
}
