"""Many decisions at once: what people filled into `by_hand`, recorded together or not at all.

Each row is looked at as if it had been given alone. If one is refused, nothing is recorded, and all that are
refused are named with their reasons: half a list would leave everybody guessing which half.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from presync.control.database import transaction
from presync.control.models import FindingRecord
from presync.control.who import Who
from presync.decisions.file import ExceptionsDocument, exceptions_file, read_file, refuse_pair_against
from presync.decisions.give import pair_said
from presync.decisions.known_records import KnownRecords, records_of_newest_run
from presync.decisions.record import confirm_pair_in, lock_exceptions, standing_finding, waive_in
from presync.errors import ConfigurationError, OutdatedError
from presync.tenants.entities import ENTITIES

_MOST: Final = 5_000  # rows: each pair is held against all pairs on record
_TOLD: Final = 200


@dataclass(frozen=True)
class Said:
    """A row that somebody filled in; `row` as a spreadsheet counts, all else as text.

    `values_digest` and the records are those that the person looked at; a name that is None is as it is now.
    """

    row: int
    finding_id: str
    business_code: str
    business_name: str | None
    severa_guid: str
    severa_name: str | None
    values_digest: str
    answer: str
    until: str
    why: str


@dataclass(frozen=True)
class Recorded:
    """How many rows of each answer were recorded."""

    same: int = 0
    different: int = 0
    stands: int = 0

    def __str__(self) -> str:
        return f"{self.same} the same, {self.different} different, {self.stands} may stand"


class RefusedRowsError(ConfigurationError):
    """Rows were refused, so none was recorded; `rows` holds each, its finding and the reason."""

    def __init__(self, rows: Sequence[tuple[int, str, str]], given: int) -> None:
        self.rows = tuple(rows)
        self.given = given
        told = [f"row {row} ({finding or 'no finding'}): {reason}" for row, finding, reason in rows[:_TOLD]]
        more = [f"… and {len(rows) - _TOLD} more rows"] if len(rows) > _TOLD else []
        super().__init__(
            "\n".join(
                [
                    f"nothing was recorded, because {len(rows)} of {given} answers are refused. Correct "
                    "these rows and send the file again:",
                    *told,
                    *more,
                ]
            ),
            source="by_hand",
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (RefusedRowsError, (self.rows, self.given))


def record_answers(tenant: str, said: Sequence[Said], *, by: Who) -> Recorded:
    """Record all answers to findings, or none.

    Raises RefusedRowsError that names every row that is refused, ConfigurationError if there is none at all.
    """
    if not said:
        raise ConfigurationError(
            "nothing was recorded: no row has an answer. Fill in the columns answer (same, different, or "
            "stands with until) and why.",
            source="by_hand",
        )
    if len(said) > _MOST:
        raise ConfigurationError(
            f"nothing was recorded: {len(said)} rows have an answer, and {_MOST} are taken at once. Send "
            "them in parts.",
            source="by_hand",
        )
    with ExitStack() as stack:
        looks = any(each.answer.lower() in {"same", "different"} for each in said)
        records = stack.enter_context(records_of_newest_run(tenant)) if looks else None
        document = read_file(exceptions_file(tenant))
        session = stack.enter_context(transaction())
        lock_exceptions(session, tenant)
        answering = _Answering(session, tenant, by, document, records)
        refused = list(answering.refused(said))
        if refused:
            raise RefusedRowsError(refused, len(said))
    answers = [each.answer.lower() for each in said]
    return Recorded(*(answers.count(answer) for answer in ("same", "different", "stands")))


@dataclass
class _Answering:
    session: Session
    tenant: str
    by: Who
    document: ExceptionsDocument
    records: KnownRecords | None

    def refused(self, said: Sequence[Said]) -> Iterator[tuple[int, str, str]]:
        """Record each row, and yield those that are refused: the caller takes all back then."""
        seen: dict[str, int] = {}
        for each in said:
            name = each.finding_id.strip().lower()
            earlier = seen.setdefault(name, each.row)
            if earlier != each.row:
                yield each.row, name, f"row {earlier} answers this finding already"
                continue
            try:
                with self.session.begin_nested():
                    self._record(each, name)
            except OutdatedError:
                raise
            except ConfigurationError as error:
                yield each.row, name, error.message.removeprefix("nothing was recorded: ")

    def _record(self, said: Said, finding_id: str) -> None:
        finding = standing_finding(self.session, self.tenant, finding_id)
        self._require_same_records(said, finding)
        answer = said.answer.lower()
        if answer == "stands":
            until = _day(said.until)
            waive_in(self.session, self.tenant, finding_id, reason=said.why, by=self.by, until=until)
        elif answer in {"same", "different"}:
            self._pair(said, finding, same=answer == "same")
        else:
            raise ConfigurationError(f"{said.answer!r} is not same, different or stands")

    def _require_same_records(self, said: Said, finding: FindingRecord) -> None:
        ours = (finding.business_code.strip(), finding.severa_guid.strip().lower())
        if (said.business_code.strip(), said.severa_guid.strip().lower()) != ours:
            raise ConfigurationError(
                f"finding {finding.finding_id} is about {ours[0] or '-'} and {ours[1] or '-'}, and this row "
                "names other records (a spreadsheet may have changed a code)"
            )
        if said.values_digest.strip() != finding.values_digest:
            raise ConfigurationError(
                "its records have other values by now than those in this file. Take the file of the newest "
                "report"
            )

    def _pair(self, said: Said, finding: FindingRecord, *, same: bool) -> None:
        if finding.suite not in ENTITIES or not finding.business_code or not finding.severa_guid:
            raise ConfigurationError(
                f"{finding.rule} is not about one record on each side, so same and different say nothing"
            )
        if said.until.strip():
            raise ConfigurationError("a day goes with stands only; leave until empty")
        if self.records is None:
            raise RuntimeError("records are looked up wherever a row says same or different")
        known = self.records.pair(finding.suite, finding.business_code, finding.severa_guid)
        names = ((said.business_name, known.business_name), (said.severa_name, known.severa_name))
        if any(seen not in {None, now} for seen, now in names):
            raise ConfigurationError(
                "the two records have other names in the newest run than in this file. Take the file of the "
                "newest report"
            )
        pair = pair_said(finding.suite, known, same=same, reason=said.why, by=self.by.name)
        refuse_pair_against(self.document, self.tenant, pair)
        confirm_pair_in(self.session, self.tenant, pair, by=self.by)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ConfigurationError(
            f"{text!r} in the column until is not a day; write it as 2026-12-31"
        ) from None
