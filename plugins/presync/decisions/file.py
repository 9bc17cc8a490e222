"""The exceptions file of a tenant, `tenants/<tenant>.exceptions.yaml`: its entries, and reading it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from pydantic import Field, field_validator

from presync import settings
from presync.decisions.longest import refuse_too_long
from presync.decisions.model import ConfirmedPair, GivenAnswer, Waiver, names_digest
from presync.decisions.pairs import _refuse_contradictions, refuse_second_partner
from presync.errors import TenantFileError
from presync.tenants.answers import answer_text
from presync.tenants.entities import Entity
from presync.tenants.model import EXCEPTIONS, Answer
from presync.tenants.model_base import Model
from presync.tenants.texts import Day, RecordName, Words
from presync.tenants.yaml_document import load_document
from presync.tenants.yaml_values import Limits

_LIMITS: Final = Limits(size=8 * 1024 * 1024, values=400_000)
_MOST: Final = 10_000
_IN_FILE: Final = ("file", "file")  # where it was given, and how sure it is by whom


class WaiverEntry(Model):
    finding: Words = Field(description="The finding's id, as in findings.csv.")
    rule: Words = Field(description="Its rule: a slip in the id cannot waive something else.")
    values: Words = Field(description="`values_digest` of changes.csv: the values that it is waived for.")
    reason: Words = Field(description="Why it may stand.")
    by: Words = Field(description="Who says so.")
    until: Day = Field(
        description="Last day on which it holds (UTC), at most PRESYNC_WAIVER_DAYS (90) days ahead."
    )

    @field_validator("until")
    @classmethod
    def _not_for_ever(cls, value: date) -> date:
        refuse_too_long(value)
        return value

    def waiver(self) -> Waiver:
        """Return what it says."""
        finding, values = self.finding.lower(), self.values.lower()
        return Waiver(finding, self.rule, values, self.reason, self.by, self.until, *_IN_FILE)


class PairEntry(Model):
    entity: Entity = Field(description="departments, products, employees, customers or projects")
    business_code: Words = Field(description="The record's code in Visma Business, in quotes.")
    business_name: RecordName = Field(
        description="Its name there; if that changes, the entry no longer holds."
    )
    severa_guid: Words = Field(description="The record's guid in Severa.")
    severa_name: RecordName = Field(description="Its name there; if that changes, the entry no longer holds.")
    business_id: RecordName = Field(
        "",
        description="In Visma Business, a customer's organisation number or a project's customer number; "
        "left out: it has none. If that changes, the entry no longer holds.",
    )
    severa_id: RecordName = Field("", description="The same in Severa: VAT number or customer number.")
    same: bool = Field(description="true: the two are the same; false: they are not.")
    reason: Words = Field(description="How anybody knows.")
    by: Words = Field(description="Who says so.")

    def pair(self) -> ConfirmedPair:
        """Return what it says."""
        digest = names_digest(self.business_name, self.severa_name, self.business_id, self.severa_id)
        return ConfirmedPair(
            self.entity,
            self.business_code,
            self.severa_guid,
            self.same,
            digest,
            self.reason,
            self.by,
            *_IN_FILE,
        )


class AnswerEntry(Model):
    entity: Entity = Field(description="departments, products, employees, customers or projects")
    answer: Answer = Field(description="all, none, or except: {field, value}")
    by: Words = Field(description="Who decided.")
    on: Day = Field(description="When it was decided.")

    def given(self) -> GivenAnswer:
        """Return what it says."""
        return GivenAnswer(self.entity, answer_text(self.answer), self.by, self.on, *_IN_FILE)


class ExceptionsDocument(Model):
    """`tenants/<tenant>.exceptions.yaml`."""

    answers: list[AnswerEntry] = Field(
        default_factory=list,
        max_length=_MOST,
        description="Answers to the five questions that the tenant file leaves open.",
    )
    waivers: list[WaiverEntry] = Field(
        default_factory=list, max_length=_MOST, description="Findings that may stand."
    )
    confirmed_pairs: list[PairEntry] = Field(
        default_factory=list, max_length=_MOST, description="Pairs that people know."
    )


def exceptions_file(tenant: str) -> Path:
    """Return where the tenant's exceptions file would be: beside the tenant's own."""
    tenants = settings.tenants_folder()
    return (tenants.parent if tenants.is_file() else tenants) / f"{tenant}{EXCEPTIONS}.yaml"


def read_file(path: Path) -> ExceptionsDocument:
    """Return what a file says; one that is not there says nothing. Raises TenantFileError."""
    if not path.exists():
        if path.is_symlink() or path.with_suffix(".yml").exists():
            reason = "leads nowhere" if path.is_symlink() else "is not there, but one that ends in .yml is"
            raise TenantFileError(
                f"{path}:1: the exceptions file {reason}: what people have put on record would not count, so "
                f"nothing is checked. Name it {path.name}, or remove it.",
                source=path.name,
            )
        return ExceptionsDocument()
    form = "of `answers`, `waivers` and `confirmed_pairs`; see docs/exceptions.md"
    return load_document(path, ExceptionsDocument, form, _LIMITS)


def refuse_pair_against_file(tenant: str, pair: ConfirmedPair) -> None:
    """Raise ConfigurationError if the exceptions file says otherwise of a pair, or of one of its records."""
    refuse_pair_against(read_file(exceptions_file(tenant)), tenant, pair)


def refuse_pair_against(document: ExceptionsDocument, tenant: str, pair: ConfirmedPair) -> None:
    """Do as `refuse_pair_against_file` with a file that has been read already."""
    pairs = [*(entry.pair() for entry in document.confirmed_pairs), pair]
    _refuse_contradictions(tenant, pairs)
    refuse_second_partner(tenant, pairs)
