"""The cases of `cases/*.yaml`: small tables of both systems in, findings out; read strictly.

CONTRIBUTING.md ("A rule's cases") describes the form. Every value is read as it is written: `007` stays
`007`, `NO` stays `NO`; the word `null` is no value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from presync.tenants.entities import ENTITIES
from tests.oracle.case_tables import CaseError, Parts, Tables, parts_of
from tests.oracle.findings import SEVERITIES, SUITES_OF_RULES
from tests.oracle.model import Finding, Row, Severity, StagedData, person_name

FOLDER = Path(__file__).parent / "cases"
PROPOSALS_FILE = "proposals.yaml"
NUMBERINGS = ("customer_numbering", "invoice_numbering", "projects")
GROUPS = {"every entity": ENTITIES, "every numbering": NUMBERINGS}
SUITES = ("customer_numbering", "invoice_numbering", *ENTITIES)

Kind = Literal["fails", "passes", "boundary"]
KINDS: tuple[Kind, ...] = ("fails", "passes", "boundary")


@dataclass(frozen=True)
class Case:
    """Data of both systems, and all findings that one rule of one suite has on it (others may have more)."""

    name: str
    kind: Kind
    suite: str
    rule: str
    parts: Parts
    expected: tuple[Finding, ...]

    @property
    def data(self) -> StagedData:
        """The data as one tenant of its own."""
        return Parts.together([self.parts])

    def of(self, found: Collection[Finding]) -> list[Finding]:
        """Return what the case is about, sorted, out of all findings."""
        return sorted(
            finding for finding in found if (finding.suite, finding.rule) == (self.suite, self.rule)
        )

    def __str__(self) -> str:
        return f"{self.rule}.yaml, {self.suite}, {self.name!r}"


class Proposal(NamedTuple):
    """Data, and the Severa counter (and ceiling) that must be proposed for one suite."""

    name: str
    suite: str
    parts: Parts
    expected: tuple[int, int | None] | None

    @property
    def data(self) -> StagedData:
        """The data as one tenant of its own."""
        return Parts.together([self.parts])


@cache
def all_cases() -> tuple[Case, ...]:
    """Return every case of every rule, in the order of the files."""
    return tuple(
        case
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.name != PROPOSALS_FILE
        for case in read_cases(path)
    )


def read_cases(path: Path) -> list[Case]:
    """Return the cases of one rule's file; CaseError names the file and the case that is wrong."""
    rule = path.stem
    if rule not in SUITES_OF_RULES:
        raise CaseError(f"{path.name}: no rule is called {rule}; a file is named after its rule")
    document = _document(path)
    severity = document.pop("severity", None)
    if severity != SEVERITIES[rule]:
        raise CaseError(f"{path.name}: severity is {severity!r}; {rule} is {SEVERITIES[rule]}")
    cases = [_case(rule, severity, suite, row, where) for suite, row, where in _listed(path, document)]
    seen: set[tuple[str, str]] = set()
    for case in cases:
        if (case.suite, case.name) in seen:
            raise CaseError(f"{case}: two cases have this name; name what is different")
        if case.suite not in SUITES_OF_RULES[rule]:
            raise CaseError(f"{case}: the suite {case.suite} does not have this rule")
        seen.add((case.suite, case.name))
    return cases


@cache
def all_proposals() -> tuple[Proposal, ...]:
    """Return the cases of `proposals.yaml`."""
    path = FOLDER / PROPOSALS_FILE
    return tuple(_proposal(suite, row, where) for suite, row, where in _listed(path, _document(path)))


def _document(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="base", pure=True).load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise CaseError(f"{path.name}: {error}") from None
    if not isinstance(document, dict):
        raise CaseError(f"{path.name}: must be a mapping of suites to lists of cases")
    return dict(document)


def _listed(path: Path, document: dict[str, Any]) -> Iterator[tuple[str, Row, str]]:
    """Yield suite, case and where it stands; a group stands for each of its suites."""
    for group, rows in document.items():
        if group not in {*SUITES, *GROUPS} or not isinstance(rows, list):
            known = ", ".join([*GROUPS, *SUITES])
            raise CaseError(
                f"{path.name}: {group!r} must be a suite or a group ({known}) with a list of cases"
            )
        for place, row in enumerate(rows, start=1):
            where = f"{path.name}, {group}, case {place}"
            if not isinstance(row, dict):
                raise CaseError(f"{where}: must be a mapping")
            for suite in GROUPS.get(group, (group,)):
                yield suite, dict(row), where


def _case(rule: str, severity: Severity, suite: str, row: Row, where: str) -> Case:
    kinds = [kind for kind in KINDS if kind in row]
    if len(kinds) != 1:
        raise CaseError(f"{where}: must have exactly one of {', '.join(KINDS)}, with the case's name")
    kind = kinds[0]
    name = str(row.pop(kind))
    where = f"{where} ({name!r})"
    expected = row.pop("finds", [])
    if not isinstance(expected, list):
        raise CaseError(f"{where}: finds must be a list")
    if kind != "boundary" and (kind == "fails") != bool(expected):
        raise CaseError(
            f"{where}: a case that {kind} must {'have' if kind == 'fails' else 'not have'} `finds`"
        )
    parts, tables = parts_of(suite, row, where)
    whole = Finding(suite, rule, severity)
    findings = sorted(_expected(whole, str(text), tables, where) for text in expected)
    return Case(name, kind, suite, rule, parts, tuple(findings))


def _expected(whole: Finding, text: str, tables: Tables, where: str) -> Finding:
    """Return the finding that a text of `finds` means: `b1 s2`, `5..9`, `suite`."""
    if text == "suite":
        return whole
    if ".." in text:
        first, _, last = text.partition("..")
        return whole._replace(first=first, last=last)
    finding = whole
    for label in text.split():
        records = {"b": tables.business, "s": tables.severa}.get(label[:1], [])
        if not label[1:].isdecimal() or not 1 <= int(label[1:]) <= len(records):
            raise CaseError(
                f"{where}: finds {text!r}, but there is no record {label!r}; b1 s1 are the first ones"
            )
        row = records[int(label[1:]) - 1]
        finding = _with_business(finding, row) if label[0] == "b" else _with_severa(finding, row)
    return finding


def _with_business(finding: Finding, row: Row) -> Finding:
    column = {"customers": "customer_no", "employees": "employee_no"}.get(finding.suite, "code")
    return finding._replace(business_code=row[column] or "", business_name=row["name"] or "")


def _with_severa(finding: Finding, row: Row) -> Finding:
    code = row.get("code", row.get("number"))
    is_user = row["register"] == "users"
    name = person_name(row["first_name"], row["last_name"]) if is_user else row["name"]
    return finding._replace(
        severa_guid=row["guid"],
        severa_register=row["register"],
        severa_code="" if code is None else str(code),
        severa_name=name or "",
    )


def _proposal(suite: str, row: Row, where: str) -> Proposal:
    if not {"case", "proposes"} <= row.keys():
        raise CaseError(f"{where}: must have `case` (its name) and `proposes`")
    name, text = str(row.pop("case")), str(row.pop("proposes"))
    parts, _ = parts_of(suite, row, f"{where} ({name!r})")
    if text == "none":
        return Proposal(name, suite, parts, None)
    counter, _, ceiling = text.partition("..")
    return Proposal(name, suite, parts, (int(counter), int(ceiling) if ceiling else None))
