"""Answers as text and as a tenant file holds them are the same answers."""

from __future__ import annotations

from typing import Any

import pytest

from presync.tenants.answers import answer_text, file_answer, parse_answer, with_answers
from presync.tenants.model import Tenant

GIVEN = {"departments": "all", "products": "none", "employees": {"except": {"field": "Gr3", "value": -1}}}
TENANT = Tenant.model_validate({"tenant": "nordlys", "title": "Nordlys", "transfer": GIVEN})


@pytest.mark.parametrize(
    ("entity", "text"),
    [("departments", "all"), ("products", "none"), ("employees", "except:Gr3=-1"), ("customers", None)],
)
def test_the_file_says(entity: Any, text: str | None) -> None:
    assert file_answer(TENANT, entity) == text


@pytest.mark.parametrize("text", ["all", "none", "except:Gr5=1", "except:Gr=-3", "except:Gr12=0"])
def test_text_and_back(text: str) -> None:
    changed = with_answers(TENANT, {"customers": text})
    assert changed.transfer.customers is not None
    assert answer_text(changed.transfer.customers) == text
    assert changed.transfer.employees == TENANT.transfer.employees


@pytest.mark.parametrize("text", ["except:Gr5", "except:Gr5=", "except:Gr5=x", "excepted:Gr5=1", "maybe"])
def test_what_is_no_answer_is_refused_by_the_model(text: str) -> None:
    assert parse_answer(text) == text
    with pytest.raises(ValueError, match="customers"):
        with_answers(TENANT, {"customers": text})
