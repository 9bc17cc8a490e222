"""`presync show`: what is in force for a company, and where each value comes from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from presync import settings
from presync.cli import terminal
from presync.cli.exit_codes import FINE
from presync.cli.tenant_argument import existing_file
from presync.decisions.answers import answers_on_record, decided_answers
from presync.tenants.model import OWNER, Tenant
from presync.tenants.origins import PRESYNC, ValueInForce, in_force


def show(typed: str, *, as_json: bool) -> int:
    """Print every value. Raises TenantFileError if the tenant file, or the defaults, cannot be used."""
    tenant, found = in_force(existing_file(typed))
    values = list(_filled_in(tenant, found))
    if as_json:
        print(json.dumps({each.key: _without_key(each) for each in values}, ensure_ascii=False, indent=2))
    elif terminal.person():
        rows = [[each.key, _shown(each.value), each.origin] for each in values]
        terminal.show_table(f"{tenant.tenant}: what is in force", ["key", "value", "from"], rows)
    else:
        for each in values:
            print(f"{each.key}: {_shown(each.value)}  # {each.origin}")
    return FINE


def _filled_in(tenant: Tenant, found: list[ValueInForce]) -> Iterator[ValueInForce]:
    """Yield the values with the defaults of those that no file gives."""
    stands_in = _stand_ins(tenant)
    for each in found:
        if each.value is None and each.key in stands_in:
            value, origin = stands_in[each.key]
            yield replace(each, value=value, origin=origin)
        else:
            yield each


def _stand_ins(tenant: Tenant) -> dict[str, tuple[Any, str]]:
    retries = "PRESYNC_RETRIES"
    decided_answers(tenant)  # refuses a question that is answered in two ways
    answered = {
        f"transfer.{given.entity}": (given.answer, f"on record: {given.by}, {given.on} ({given.source})")
        for given in answers_on_record(tenant)
    }
    return answered | {
        "retries": (settings.retries(), retries if os.environ.get(retries) else PRESYNC),
        "owner": (OWNER, PRESYNC),
        "visma_business.connection": (tenant.connection_id("visma_business"), "the tenant's name"),
        "severa.connection": (tenant.connection_id("severa"), "the tenant's name"),
    }


def _without_key(each: ValueInForce) -> dict[str, Any]:
    return {name: value for name, value in asdict(each).items() if name != "key"}


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
