"""What a certificate is bound to besides the staged tables, and what of it has changed, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from presync import settings
from presync.control.models import Certificate
from presync.control.systems import IDENTITY, bare_identity
from presync.errors import NotReadyError
from presync.languages.texts import marked
from presync.rules.catalogue import SUITES
from presync.tenants.model import Tenant
from presync.verdict.model import Verdict
from presync.verdict.validity import ready_until
from presync.verdict.waivers import IN_FORCE

_TITLES: Final = {"visma_business": "Visma Business", "severa": "Severa"}
_WAIVER: Final = marked("waiver of {rule} {finding_id} until {until} by {by} ({source}): {reason}")
_ANSWER: Final = marked("answer {answer} for {entity} by {by} ({source}, {on})")
_SAME: Final = marked("{entity} {business_code} and {severa_guid} are the same by {by} ({source}): {reason}")
_DIFFERENT: Final = marked(
    "{entity} {business_code} and {severa_guid} are different by {by} ({source}): {reason}"
)
_SYSTEMS: Final = marked("these are the right two systems by {by} ({source}, {on}): {reason}")
_LOSS: Final = marked("what {what} had before is gone, and that is right by {by} ({source}, {on})")
_SILENT: Final = marked(
    "{systems} did not say which company it is, so whether both connections lead to one company was not "
    "compared"
)
_DEVIATION: Final = marked("not the release's rule: {deviation}")
RELIED_ON: Final = (_WAIVER, _ANSWER, _SAME, _DIFFERENT, _SYSTEMS, _LOSS, _SILENT, _DEVIATION)
"""What a certificate rests on, as templates: the question before a start says it in its own language."""
_LISTS: Final = {
    "waivers": ("the waiver of {rule} {finding_id} until {until} by {by}"),
    "confirmed_pairs": ("what {by} says of {entity} {business_code} and {severa_guid}"),
    "systems": ("what {by} says of the two systems"),
    "answers": ("the answer {answer} for {entity} by {by}"),
    "losses": ("what {by} accepted as lost of {what}"),
}


def bound_to(tenant: Tenant, verdict: Verdict) -> dict[str, Any]:
    """Return what the certificate of a verdict is bound to: `tables` and `on_record` are fingerprints.

    `identity` names the two systems as they do themselves. The rest tells later what has changed: the tenant
    file, the suites, the exceptions with who and why.
    """
    record = verdict.exceptions
    return {
        "tables": verdict.fingerprints,
        "on_record": record.fingerprint if record else None,
        "exceptions": record.as_dict() if record else None,
        "tenant": tenant.rested_on,
        "suites": suite_digests(),
        IDENTITY: bare_identity(verdict.identity),
        "made_by": verdict.made_by.as_dict(),
        "deviations": [deviation.as_dict() for deviation in verdict.deviations],
        "rests_on": relied_on(verdict),
        "given_by": [{"by": by, "kind": kind} for by, kind in sorted(set(_given_by(verdict)))],
    }


def _given_by(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield the names of all whose word a verdict rests on, and how sure each is (`GivenKind`)."""
    record = verdict.exceptions
    waivers = [state.waiver for state in verdict.waivers if state.state == IN_FORCE]
    yield from ((each.by, each.by_kind) for each in waivers)
    if record:
        yield from ((each.by, each.by_kind) for each in record.answers)
        yield from ((each.by, each.by_kind) for each in record.pairs)
        yield from ((each.by, each.by_kind) for each in record.systems)
        yield from ((each.by, each.by_kind) for each in record.losses)


def relied_on(verdict: Verdict) -> list[str]:
    """Return what a verdict rests on besides the data and the release's rules.

    Waivers, answers, pairs and accepted losses, each with who gave it and why; that nobody compared the two
    systems because they do not say who they are; and how the suites differ from the release.
    """
    record = verdict.exceptions
    given = [
        _WAIVER.format_map(_told(vars(state.waiver))) for state in verdict.waivers if state.state == IN_FORCE
    ]
    given += [_ANSWER.format_map(_told(vars(answer))) for answer in (record.answers if record else ())]
    given += [
        (_SAME if pair.same else _DIFFERENT).format_map(_told(vars(pair)))
        for pair in (record.pairs if record else ())
    ]
    given += [_SYSTEMS.format_map(_told(vars(each))) for each in (record.systems if record else ())]
    given += [_LOSS.format_map(_told(vars(each))) for each in (record.losses if record else ())]
    if silent := [_TITLES[system] for system in verdict.not_compared]:
        given.append(_SILENT.format(systems=" and ".join(silent)))
    given += [_DEVIATION.format(deviation=deviation) for deviation in verdict.deviations]
    return given


def _told(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what somebody gave, with `source` in words: whom Airflow knew did not only type a name."""
    return {**given, "source": "signed in" if given.get("by_kind") == "airflow" else given["source"]}


def suite_digests() -> dict[str, str]:
    """Return what changes with each suite's file."""
    files = {suite: settings.expectations_folder() / f"{suite}.json" for suite in SUITES}
    return {
        suite: hashlib.sha256(file.read_bytes() if file.is_file() else b"missing").hexdigest()
        for suite, file in files.items()
    }


def changed_suites(before: Mapping[str, str]) -> list[str]:
    """Return the suites whose files are not as they were; none if nobody knows how they were."""
    now = suite_digests()
    return [suite for suite in before if before[suite] != now.get(suite)]


def changed_record(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was put on record or taken back; nothing if nobody knows what there was."""
    for kind, words in _LISTS.items() if before else ():
        old, new = list((before or {}).get(kind) or ()), list(now.get(kind) or ())
        yield from (f"{words.format_map(_told(each))} is new" for each in new if each not in old)
        yield from (f"{words.format_map(_told(each))} is gone" for each in old if each not in new)


def changed_fields(before: Mapping[str, Any], now: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield the fields of a tenant file that are not as they were.

    >>> list(changed_fields({"severa": {"ceiling": 9}}, {"severa": {"ceiling": 8}}))
    ['severa.ceiling: 9 is now 8']
    """
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name), now.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from changed_fields(old, new, f"{path}{name}.")
        elif old != new:
            yield f"{path}{name}: {_word(old)} is now {_word(new)}"


def _word(value: object) -> str:
    return "nothing" if value is None else str(value)


def overdue(verdict: Verdict) -> str | None:
    """Return why nothing may rest on a verdict any more although nothing critical was found, or None."""
    held_until = ready_until(verdict)
    if held_until > verdict.finished_at:
        return None
    return (
        f"the integration of {verdict.tenant} must not be started on run {verdict.run_id}: nothing "
        f"critical was found, but its data were read at {verdict.started_at:%Y-%m-%d %H:%M} UTC, and "
        f"what was found held until {held_until:%Y-%m-%d %H:%M} UTC. Start a new run."
    )


def issue_certificate(tenant: Tenant, verdict: Verdict) -> Certificate:
    """Record that this run was `ready`: for this build of the data, these rules, this tenant file.

    It is bound to the fingerprints of what was checked and to what was on record, and expires some time after
    the data were read, or with the first waiver that it rests on. Raises NotReadyError if that has passed: a
    gate that is cleared days later, or a run half of which was.
    """
    from presync.control.runs import record_certificate

    if verdict.status != "ready" or verdict.tenant != tenant.tenant:
        raise NotReadyError(
            f"run {verdict.run_id} of tenant {verdict.tenant} is {verdict.status!r}: it gets no certificate",
            source="gate",
        )
    expires_at = ready_until(verdict)
    if held := overdue(verdict):
        raise NotReadyError(held, source="gate")
    return record_certificate(
        tenant=verdict.tenant,
        run_id=verdict.run_id,
        build_id=verdict.build_id,
        rules_version=verdict.rules_version,
        fingerprint=tenant.fingerprint,
        expires_at=expires_at,
        bound=bound_to(tenant, verdict),
        relied_on=relied_on(verdict),
    )
