"""Lists applied to random tenants: the preview is what was said, and nothing becomes critical."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model import Tenant
from tests.oracle import StagedData
from tests.oracle.model import Row
from tests.oracle.random_tenants import random_tenant
from tests.support.preview_product import preview
from tests.support.questions_product import Asked, asked, with_lists
from tests.support.rehearsed_fixes import critical
from tests.support.thorough import examples

DAYS = (0, None, 20231399, 20100101, 20120229, 20231123, 20231124, 20260101)
WORDS = ("amber", "birch", "cedar", "dune", "ember", "fjord", "glade", "heath", "islet", "juniper", "kelp")
_RARELY = settings(
    max_examples=examples(3),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def aged_tenants() -> st.SearchStrategy[StagedData]:
    """Draw tenants whose records have dates, and some that nothing in Severa resembles."""
    return st.randoms(use_true_random=True).map(aged_tenant)


def aged_tenant(random: Random) -> StagedData:
    """Return a random tenant with answers, ages, activity and Group fields to decide on."""
    data = random_tenant(random, most=4)
    answers: dict[str, Any] = data.tenant.transfer.model_dump(by_alias=True)
    for entity in random.sample(ENTITIES, 3):
        answers[entity] = random.choice([None, None, "all"])
    values = data.tenant.model_dump(mode="json", by_alias=True) | {"transfer": answers}
    data.tenant = Tenant.model_validate(values)
    for table in ("departments", "projects", "products", "associates"):
        rows = data.tables.setdefault(("visma_business", table), [])
        rows += [lonely(table, place, random) for place in range(random.randint(0, 4))]
        for row in rows:
            row |= {"created_on": random.choice(DAYS), "changed_on": random.choice(DAYS)}
            _unstage(row, data.tenant, table)
    data.tables["visma_business", "group_fields"] = [usage(e, f, random) for e in ENTITIES for f in (2, 7, 9)]
    data.tables["visma_business", "activity"] = [activity(random) for _ in range(random.randint(0, 3))]
    return data


def lonely(table: str, place: int, random: Random) -> Row:
    """Return a record that nothing in Severa resembles."""
    name, code = " ".join(random.sample(WORDS, 4)), str(7_000_001 + place)
    if table != "associates":
        return {"code": code, "name": name}
    is_customer, is_employee = random.choice([(1, 0), (0, 1), (1, 1)])
    return {
        "act_no": str(900 + place),
        "name": name,
        "customer_no": code if is_customer else "0",
        "employee_no": code if is_employee else "0",
        "email": f"{place}@lonely.example",
        "customer_group_value": random.choice([None, 0, 0, 5]),
        "employee_group_value": random.choice([None, 0, 0]),
    }


def usage(entity: Entity, field: int, random: Random) -> Row:
    marked = random.choice([0, 0, 3, None])
    return {"entity": entity, "group_field": f"Gr{field}", "records": 9, "marked": marked}


def activity(random: Random) -> Row:
    entity = random.choice(ENTITIES)
    code = str(random.randint(7_000_001, 7_000_004))
    return {
        "entity": entity,
        "code": code,
        "last_on": random.choice(DAYS),
        "is_open": random.random() < 0.2,
    }


def _unstage(row: Row, tenant: Tenant, table: str) -> None:
    """Leave Group fields unread where no answer names one, as the reader does."""
    entities: tuple[Entity, ...] = ("customers", "employees") if table == "associates" else (table,)  # type: ignore[assignment]
    for entity in entities:
        if tenant.transfer.exclusion(entity) is None:
            column = f"{entity[:-1]}_group_value" if table == "associates" else "group_value"
            row[column] = None


@_RARELY
@given(data=aged_tenants())
def test_the_preview_is_what_was_said_and_nothing_becomes_critical(data: StagedData) -> None:
    told = asked(data)
    after = with_lists(data, told.lists)

    then, rows = preview(after)
    for question in told.questions.entities:
        assert dict(question.before) == told.preview.as_dict()[question.entity]
        assert dict(question.after) == then.as_dict()[question.entity]
        assert question.counts.listed == len(told.lists.get(question.entity, ()))
    assert critical(after) - critical(data) == {}
    assert marked(told) <= {
        (row["entity"], row["business_code"].strip()) for row in rows if row["outcome"] == "excluded"
    }


def marked(told: Asked) -> set[tuple[str, str]]:
    """Return entity and code of what is proposed, as the lists' samples name them."""
    return {(q.entity, sample.code) for q in told.questions.entities for sample in q.samples}


def test_random_tenants_have_lists_of_every_kind() -> None:
    answers = set()
    for seed in (30, 38):  # these two have all
        data = aged_tenant(Random(seed))
        for entity, changes in asked(data).lists.items():
            answers.add(data.tenant.transfer.answer(entity))
            assert changes
    assert answers == {"except", "all", None}
