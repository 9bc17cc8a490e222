"""All findings of a tenant, and what they mean for it."""

from __future__ import annotations

from typing import Literal

from presync.tenants.model import ENTITIES
from tests.oracle.entities import entity_findings
from tests.oracle.model import Finding, StagedData
from tests.oracle.numbers import number_findings


def findings(data: StagedData) -> list[Finding]:
    """Return every finding, sorted; equal ones as often as they occur."""
    found = list(number_findings(data))
    for entity in ENTITIES:
        found.extend(entity_findings(data, entity))
    return sorted(found)


def status(data: StagedData) -> Literal["ready", "blocked"]:
    """Return the verdict on complete extracts without waivers."""
    return "blocked" if any(finding.severity == "critical" for finding in findings(data)) else "ready"
