"""Answers to the five questions: as text, and as a tenant file holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presync.tenants.entities import Entity
from presync.tenants.model import Answer, Except, Tenant, Transfer


def file_answer(tenant: Tenant, entity: Entity) -> str | None:
    """Return the tenant file's answer as text."""
    answer: Answer | None = getattr(tenant.transfer, entity)
    return None if answer is None else answer_text(answer)


def answer_text(answer: Answer) -> str:
    """Return an answer as text: `all`, `none`, `except:Gr5=1`."""
    return f"except:{answer.except_.field}={answer.except_.value}" if isinstance(answer, Except) else answer


def with_answers(tenant: Tenant, decided: Mapping[str, str]) -> Tenant:
    """Return the tenant with the answers of the file and those that were decided."""
    answers = tenant.transfer.model_dump(by_alias=True) | {e: parse_answer(a) for e, a in decided.items()}
    return tenant.model_copy(update={"transfer": Transfer.model_validate(answers)})


def parse_answer(text: str) -> Any:
    """Return an answer as a tenant file would hold it.

    >>> parse_answer("except:Gr5=1")
    {'except': {'field': 'Gr5', 'value': 1}}
    """
    kind, _, rest = text.partition(":")
    field, equals, value = rest.partition("=")
    if kind != "except" or not equals or not value.strip().lstrip("-").isdecimal():
        return text
    return {"except": {"field": field.strip(), "value": int(value)}}
