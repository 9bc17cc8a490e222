"""Marks in a Group field: what Severa cannot hold may be held back where the tenant holds back at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from presync.fixes.findings import query
from presync.fixes.model import BusinessChange, Cause, Finding
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import duckdb


def exclusions(
    connection: duckdb.DuckDBPyConnection, tenant: Tenant, findings: Sequence[Finding]
) -> Iterator[BusinessChange]:
    """Yield the projects to mark; codes in Visma Business cannot be edited."""
    if not any(finding.rule == "code_not_transferable" for finding in findings):
        return
    for finding_id, code, column, current, proposed, name in query(connection, "exclusions"):
        reason = (
            f"“{name.strip()}” cannot exist in Severa under this code: held back unless it must transfer."
        )
        yield BusinessChange(
            tenant.visma_business.projects.table,
            code,
            column,
            "" if current is None else str(current),
            str(proposed),
            Cause(("code_not_transferable",), (finding_id,), "low", reason),
        )
