"""What a person has put on record for a tenant: answers, waivers and confirmed pairs in force for a run.

They come from `tenants/<tenant>.exceptions.yaml` and from the control database. A run reads them once; what
it read is published with its database, so that all its tasks see the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from presync import settings
from presync.documents import load_document
from presync.errors import ConfigurationError, IncompleteError, TenantFileError
from presync.tenants import EXCEPTIONS, Answer, Entity, Except, Model, Tenant, Transfer

FILE: Final = "exceptions.json"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@dataclass(frozen=True)
class Waiver:
    """A person's word that a finding may stand through `until` (UTC), for its values (`values_digest`)."""

    finding_id: str
    rule: str
    values_digest: str
    reason: str
    by: str
    until: date
    source: str = "command"


@dataclass(frozen=True)
class ConfirmedPair:
    """A person's word that two records are the same, or are not, for the names they have (`names_digest`)."""

    entity: Entity
    business_code: str
    severa_guid: str
    same: bool
    names_digest: str
    reason: str
    by: str
    source: str = "command"

    @property
    def key(self) -> tuple[str, str, str]:
        """The pair that it is about."""
        return self.entity, self.business_code.strip().casefold(), self.severa_guid.strip().lower()


@dataclass(frozen=True)
class GivenAnswer:
    """A person's answer to one of the five questions, as text: `all`, `none`, `except:Gr5=1`."""

    entity: Entity
    answer: str
    by: str
    on: date
    source: str = "command"


@dataclass(frozen=True)
class Exceptions:
    """What was in force when a run read it.

    `decided` holds the answers given beside the tenant file, by entity; `answers` who gave them, when.
    """

    taken_at: datetime
    decided: Mapping[str, str]
    waivers: tuple[Waiver, ...] = ()
    pairs: tuple[ConfirmedPair, ...] = ()
    answers: tuple[GivenAnswer, ...] = ()

    @property
    def fingerprint(self) -> str:
        """A SHA-256 in hex of everything but the time."""
        values = {key: value for key, value in self.as_dict().items() if key != "taken_at"}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """Return the content of `exceptions.json`."""
        return {
            "taken_at": self.taken_at.isoformat(timespec="seconds"),
            "decided": dict(self.decided),
            "answers": [{**asdict(answer), "on": answer.on.isoformat()} for answer in self.answers],
            "waivers": [{**asdict(waiver), "until": waiver.until.isoformat()} for waiver in self.waivers],
            "confirmed_pairs": [asdict(pair) for pair in self.pairs],
        }


class WaiverEntry(Model):
    finding: Text = Field(description="The finding's id, as in findings.csv.")
    rule: Text = Field(description="Its rule: a slip in the id cannot waive something else.")
    values: Text = Field(description="`values_digest` of changes.csv: the values that it is waived for.")
    reason: Text = Field(description="Why it may stand.")
    by: Text = Field(description="Who says so.")
    until: date = Field(description="Last day on which it holds (UTC).")

    def waiver(self) -> Waiver:
        """Return what it says."""
        finding, values = self.finding.lower(), self.values.lower()
        return Waiver(finding, self.rule, values, self.reason, self.by, self.until, "file")


class PairEntry(Model):
    entity: Entity = Field(description="departments, products, employees, customers or projects")
    business_code: Text = Field(description="The record's code in Visma Business, in quotes.")
    business_name: str = Field(description="Its name there; if that changes, the entry no longer holds.")
    severa_guid: Text = Field(description="The record's guid in Severa.")
    severa_name: str = Field(description="Its name there; if that changes, the entry no longer holds.")
    same: bool = Field(description="true: the two are the same; false: they are not.")
    reason: Text = Field(description="How anybody knows.")
    by: Text = Field(description="Who says so.")

    def pair(self) -> ConfirmedPair:
        """Return what it says."""
        digest = names_digest(self.business_name, self.severa_name)
        return ConfirmedPair(
            self.entity, self.business_code, self.severa_guid, self.same, digest, self.reason, self.by, "file"
        )


class AnswerEntry(Model):
    entity: Entity = Field(description="departments, products, employees, customers or projects")
    answer: Answer = Field(description="all, none, or except: {field, value}")
    by: Text = Field(description="Who decided.")
    on: date = Field(description="When it was decided.")

    def given(self) -> GivenAnswer:
        """Return what it says."""
        return GivenAnswer(self.entity, answer_text(self.answer), self.by, self.on, "file")


class ExceptionsDocument(Model):
    """`tenants/<tenant>.exceptions.yaml`."""

    answers: list[AnswerEntry] = Field(
        default_factory=list, description="Answers to the five questions that the tenant file leaves open."
    )
    waivers: list[WaiverEntry] = Field(default_factory=list, description="Findings that may stand.")
    confirmed_pairs: list[PairEntry] = Field(default_factory=list, description="Pairs that people know.")


def names_digest(business_name: str, severa_name: str) -> str:
    """Return what tells that neither name has changed, without holding them."""
    text = f"{business_name.strip()}\x1f{severa_name.strip()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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
    return load_document(
        path, ExceptionsDocument, "of `answers`, `waivers` and `confirmed_pairs`; see docs/exceptions.md"
    )


def file_faults(tenants: Mapping[Path, Tenant]) -> list[TenantFileError]:
    """Return what is wrong with the exceptions files beside tenant files, also with those of no tenant."""
    faults = []
    names = {tenant.tenant for tenant in tenants.values()}
    for path in sorted({each for file in tenants for each in file.parent.glob(f"*{EXCEPTIONS}.y*ml")}):
        named = path.stem.removesuffix(EXCEPTIONS)
        try:
            document = read_file(path)
            for tenant in tenants.values():
                if tenant.tenant == named:
                    _refuse_other_answers(path, tenant, document)
            if path.suffix != ".yaml":
                raise TenantFileError(
                    f"{path}:1: name it {path.stem}.yaml, or it is not read", source=path.name
                )
            if named not in names and not (path.parent / f"{named}.yaml").exists():
                raise TenantFileError(
                    f"{path}:1: there is no tenant {named!r} beside it, so nothing in it is ever in force; "
                    "name it after a tenant (the name in its file), or remove it",
                    source=path.name,
                )
        except TenantFileError as fault:
            faults.append(fault)
    return faults


def _refuse_other_answers(path: Path, tenant: Tenant, document: ExceptionsDocument) -> None:
    try:
        for entry in document.answers:
            refuse_other_answer(tenant, entry.given())
    except ConfigurationError as error:
        raise TenantFileError(f"{path}:1: {error.message}", source=path.name) from None


def exceptions_in_force(tenant: Tenant, decided: Mapping[str, str]) -> Exceptions:
    """Return everything on record now; `decided` are the answers that the run has been read with.

    Raises TenantFileError about a broken file, ConfigurationError where one record contradicts another.
    """
    from presync.control.exceptions import given_pairs, given_waivers

    document = read_file(exceptions_file(tenant.tenant))
    waivers = [*(entry.waiver() for entry in document.waivers), *given_waivers(tenant.tenant)]
    pairs = [*(entry.pair() for entry in document.confirmed_pairs), *given_pairs(tenant.tenant)]
    _refuse_contradictions(tenant.tenant, pairs)
    refuse_second_partner(tenant.tenant, pairs)
    answers = [given for given in _given_answers(tenant) if decided.get(given.entity) == given.answer]
    return Exceptions(datetime.now(UTC), dict(decided), tuple(waivers), tuple(pairs), tuple(answers))


def read_snapshot(folder: Path) -> Exceptions:
    """Return what a run's database was published with; without a snapshot, nothing was in force.

    Raises IncompleteError if it cannot be understood.
    """
    path = folder / FILE
    if not path.is_file():
        return Exceptions(datetime.now(UTC), {})
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        waivers = [{**each, "until": date.fromisoformat(each["until"])} for each in values["waivers"]]
        return Exceptions(
            datetime.fromisoformat(values["taken_at"]),
            dict(values["decided"]),
            tuple(Waiver(**each) for each in waivers),
            tuple(ConfirmedPair(**each) for each in values["confirmed_pairs"]),
            tuple(
                GivenAnswer(**{**each, "on": date.fromisoformat(each["on"])}) for each in values["answers"]
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IncompleteError(
            f"the waivers and confirmed pairs of this run cannot be read back ({type(error).__name__}), so "
            "nobody knows what was waived. Run reconcile and the suites again.",
            source="reconcile",
        ) from None


def decided_answers(tenant: Tenant) -> dict[str, str]:
    """Return the answers given by command or in the exceptions file, as text: `all`, `none`, `except:Gr5=1`.

    Raises TenantFileError about a broken file, ConfigurationError if a question is answered in two ways:
    which one would count?
    """
    decided: dict[str, GivenAnswer] = {}
    for given in _given_answers(tenant):
        refuse_other_answer(tenant, given)
        earlier = decided.setdefault(given.entity, given)
        if earlier.answer != given.answer:
            raise _answered_twice(tenant, earlier, given)
    return {entity: given.answer for entity, given in decided.items()}


def _given_answers(tenant: Tenant) -> list[GivenAnswer]:
    from presync.control.exceptions import given_answers

    document = read_file(exceptions_file(tenant.tenant))
    return [*(entry.given() for entry in document.answers), *given_answers(tenant.tenant)]


def refuse_other_answer(tenant: Tenant, given: GivenAnswer) -> None:
    """Raise ConfigurationError if the tenant file answers a question otherwise than somebody did."""
    in_file = file_answer(tenant, given.entity)
    if in_file is not None and in_file != given.answer:
        raise ConfigurationError(
            f"whether all {given.entity} of tenant {tenant.tenant} shall transfer is answered twice: the "
            f"tenant file says {in_file!r}, {_origin(given)} {given.answer!r}. Nobody can tell which "
            f"one counts, so nothing is checked. Change `transfer.{given.entity}` in the file, or "
            f"{_way_back(tenant, given)}",
            source=tenant.tenant,
        )


def refuse_pair_against_file(tenant: str, pair: ConfirmedPair) -> None:
    """Raise ConfigurationError if the exceptions file says otherwise of a pair, or of one of its records."""
    pairs = [*(entry.pair() for entry in read_file(exceptions_file(tenant)).confirmed_pairs), pair]
    _refuse_contradictions(tenant, pairs)
    refuse_second_partner(tenant, pairs)


def _answered_twice(tenant: Tenant, first: GivenAnswer, second: GivenAnswer) -> ConfigurationError:
    said = " and ".join(f"{each.answer!r} by {each.by} ({_origin(each)})" for each in (first, second))
    return ConfigurationError(
        f"whether all {first.entity} of tenant {tenant.tenant} shall transfer is answered twice: {said}. "
        f"Nobody can tell which one counts, so nothing is checked: {_way_back(tenant, second)}",
        source=tenant.tenant,
    )


def _origin(given: GivenAnswer) -> str:
    return "the exceptions file" if given.source == "file" else "the command `presync decide`"


def _way_back(tenant: Tenant, given: GivenAnswer) -> str:
    if given.source == "file":
        return f"take the answer out of {exceptions_file(tenant.tenant).name}"
    return f"take the other answer back: presync decide {tenant.tenant} {given.entity} withdraw --by NAME"


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


def _refuse_contradictions(tenant: str, pairs: Iterable[ConfirmedPair]) -> None:
    said: dict[tuple[str, str, str], ConfirmedPair] = {}
    for pair in pairs:
        other = said.setdefault(pair.key, pair)
        if other.same != pair.same:
            raise ConfigurationError(
                f"of {pair.entity} {pair.business_code} and {pair.severa_guid} of tenant {tenant}, "
                f"{other.by} ({other.source}) says that they are {_word(other.same)} and {pair.by} "
                f"({pair.source}) that they are {_word(pair.same)}. Nobody can tell who is right, so nothing "
                "is checked. Take one of them back.",
                source=tenant,
            )


def refuse_second_partner(tenant: str, pairs: Iterable[ConfirmedPair]) -> None:
    """Raise ConfigurationError if a record is said to be the same as two of the other system.

    Only a product of Visma Business may be: several work types are billed under one product.
    """
    said: dict[tuple[str, ...], ConfirmedPair] = {}
    for pair in (each for each in pairs if each.same):
        entity, code, guid = pair.key
        ends = [("severa", entity, guid)]
        if entity != "products":
            ends.append(("visma_business", entity, code))
        for end in ends:
            other = said.setdefault(end, pair)
            if other.key != pair.key:
                raise ConfigurationError(
                    f"of the {entity} of tenant {tenant}, {other.by} ({other.source}) says that "
                    f"{other.business_code} is {other.severa_guid}, and {pair.by} ({pair.source}) that "
                    f"{pair.business_code} is {pair.severa_guid}: one record cannot be linked to two, and "
                    "nobody can tell which is meant. Take one of them back (presync unconfirm-pair, or in "
                    "the exceptions file).",
                    source=tenant,
                )


def _word(same: bool) -> str:
    return "the same" if same else "different"
