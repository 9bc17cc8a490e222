"""What would happen to each record, by brute force: plain loops, written from `docs/preview.md` alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from presync.tenants.entities import ENTITIES
from tests import oracle
from tests.oracle import Finding, StagedData
from tests.oracle.model import Record
from tests.oracle.numbers import Ledger, customer_ledger, project_ledger
from tests.oracle.pairs import Pairing, equal_codes

Outcome = tuple[str, ...]
"""entity, system, code, name, guid, register, outcome, cause"""


def outcomes(data: StagedData) -> Counter[Outcome]:
    """Return every record of both systems with its one outcome."""
    findings = oracle.findings(data)
    critical = [finding for finding in findings if finding.severity == "critical"]
    told: Counter[Outcome] = Counter()
    for entity in ENTITIES:
        pairing = Pairing.of(data, entity)
        fates = _Fates(data, pairing, critical)
        for record in (*pairing.business, *pairing.severa):
            place = (entity, record.system, record.raw_code, record.raw_name, record.guid, record.register)
            told[*place, *fates.of(record)] += 1
    return told


class _Fates:
    def __init__(self, data: StagedData, pairing: Pairing, critical: list[Finding]) -> None:
        self.data = data
        self.pairing = pairing
        self.entity = pairing.entity
        self.answer = data.tenant.transfer.answer(pairing.entity)
        self.critical = critical

    def of(self, record: Record) -> tuple[str, str]:
        """Return outcome and cause; the cause of `blocked` is the first of its rules."""
        rules = sorted(finding.rule for finding in self.critical if self._names(finding, record))
        if rules:
            return "blocked", rules[0]
        met = self.met(record)
        if met and (self.moves(record) or any(self.moves(other) for other in met)):
            linked = any(self._partners(record, other) for other in self._shown(record, met))
            return "link", "partners" if linked else "same_code"
        if self._undecided(record) or any(self._undecided(other) for other in met):
            return "blocked", "decision_missing"
        kept = self._kept_by(record)
        if kept is not None:
            return "excluded" if kept == "excluded" else "not_transferred", kept
        return f"create_in_{'severa' if _own(record) else 'visma_business'}", "no_counterpart"

    def met(self, record: Record) -> list[Record]:
        """Return the records of the other system that this one meets under its number."""
        if not _own(record):
            return [b for b in self.pairing.business if equal_codes(b, record)]
        return [
            s
            for s in self.pairing.severa
            if equal_codes(record, s)
            and (self._partners(record, s) or s.register not in {"worktypes", "travelexpensetypes"})
        ]

    def moves(self, record: Record) -> bool:
        """Tell whether a record certainly moves by itself."""
        return self._kept_by(record) is None and not self._undecided(record)

    def _undecided(self, record: Record) -> bool:
        return _own(record) and self.answer is None and self._kept_by(record) is None

    def _kept_by(self, record: Record) -> str | None:
        if not _own(record):
            return None if record.active else "inactive"
        if record.excluded:
            return "excluded"
        if self.answer == "none":
            return "answer_none"
        return "no_email" if self.entity == "employees" and not record.has_address else None

    def _shown(self, record: Record, met: list[Record]) -> list[Record]:
        """Return those of which one is shown as the other end of the link."""
        chosen = [other for other in met if self.moves(other)] or met
        free = [o for o in chosen if not any(self._names(finding, o) for finding in self.critical)] or chosen
        return [other for other in free if self._partners(record, other)] or free

    def _partners(self, one: Record, other: Record) -> bool:
        return any({one, other} == set(pair) for pair in self.pairing.partners)

    def _names(self, finding: Finding, record: Record) -> bool:
        if finding.rule == "number_in_other_series":
            return self._numbers(finding, record)
        if finding.suite != self.entity:
            return False
        if _own(record):
            named = (finding.business_code, finding.business_name)
            return finding.business_code != "" and named == (record.raw_code, record.raw_name)
        return finding.severa_guid == record.guid and finding.severa_register == record.register

    def _numbers(self, finding: Finding, record: Record) -> bool:
        ledger = self._ledger()
        if ledger is None or finding.suite != ledger.suite or self.pairing.has_partner(record):
            return False
        others = ledger.severa_series if _own(record) else ledger.business_series
        return record.code == finding.first and any(series.holds(int(record.code)) for series in others)

    def _ledger(self) -> Ledger | None:
        if self.entity == "customers":
            return customer_ledger(self.data)
        return project_ledger(self.data) if self.entity == "projects" else None


def _own(record: Record) -> bool:
    return record.system == "visma_business"


def records(data: StagedData) -> Iterator[tuple[str, str]]:
    """Yield entity and system of every record that was read."""
    for entity in ENTITIES:
        pairing = Pairing.of(data, entity)
        for record in (*pairing.business, *pairing.severa):
            yield entity, record.system
