"""What a person is asked before a start, as Markdown: what will happen, on what it rests, until when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from presync.gate.certificate import RELIED_ON
from presync.languages.cldr import moment, number
from presync.languages.said_again import Values, said_again
from presync.languages.speaking import speaking
from presync.languages.texts import marked, tr
from presync.report.wording import ENTITIES, SUITES
from presync.tenants.model import Tenant
from presync.tenants.start import DagStart, WebhookStart

_SHOWN: Final = 20
_HELD_BACK: Final = marked("held back")
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    marked("linked"): ("link",),
    marked("created in Severa"): ("create_in_severa",),
    marked("created in Visma Business"): ("create_in_visma_business",),
    marked("not transferred"): ("excluded", "not_transferred"),
    _HELD_BACK: ("blocked",),
}
_VALUES: Final[Values] = {
    "systems": (marked("{one} and {other}"),),
    "entity": lambda entity: ENTITIES.get(entity) or entity,
}
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>|#~!])")


def subject(tenant: Tenant) -> str:
    """Return the question in one line, in the company's language."""
    with speaking(tenant.language):
        if tenant.start == "manual":
            return tr("Start the integration of %(company)s now", company=tenant.title)
        return tr("May the integration of %(company)s be started?", company=tenant.title)


def question(
    tenant: Tenant,
    bound: Mapping[str, Any],
    ends: datetime | None,
    links: Mapping[str, str],
    told: Mapping[str, Any] | None = None,
) -> str:
    """Return what a person is asked, in the company's language.

    `told` is the `verdict.json` of the run's report, if it can be read.
    """
    with speaking(tenant.language):
        return "\n\n".join(filter(None, _parts(tenant, bound, ends, links, told or {})))


def _parts(
    tenant: Tenant,
    bound: Mapping[str, Any],
    ends: datetime | None,
    links: Mapping[str, str],
    told: Mapping[str, Any],
) -> list[str]:
    until = moment(ends.isoformat()) if ends else ""
    return [
        _rests(bound.get("rests_on") or []),
        *_happens(told.get("preview") or {}),
        _warnings(told.get("suites") or []),
        tr("This holds until %(time)s; nothing is started after that.", time=until) if until else "",
        " · ".join(f"[{tr(name)}]({address})" for name, address in links.items()),
        _what_to_do(tenant),
    ]


def _rests(rests_on: Sequence[str]) -> str:
    if not rests_on:
        return tr("Everything was checked and nothing critical stands.")
    listed = [plain(said_again(each, RELIED_ON, _VALUES)) for each in rests_on[:_SHOWN]]
    if len(rests_on) > _SHOWN:
        listed.append(tr("… and %(n)s more, on the report", n=number(len(rests_on) - _SHOWN)))
    rests = tr("Everything was checked. That nothing critical stands rests on this:")
    return "\n- ".join([rests, *listed]) + "\n\n" + tr("Do you agree with all of it?")


def _happens(preview: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield the first synchronisation in numbers; where nothing is known of it, that."""
    if not preview:
        yield tr(
            "The report does not say what the first synchronisation would do: read it before you approve."
        )
        return
    columns = {
        tr(title): kinds for title, kinds in _COLUMNS.items() if title != _HELD_BACK or _any(preview, kinds)
    }
    rows = [
        f"| {ENTITIES.get(entity, entity)} | "
        + " | ".join(number(sum(counts.get(kind, 0) for kind in kinds)) for kinds in columns.values())
        + " |"
        for entity, counts in preview.items()
    ]
    titles = " | ".join([tr("Records"), *columns])
    head = f"| {titles} |\n|---|{'---:|' * len(columns)}"
    yield tr("The first synchronisation will do this:")
    yield "\n".join([head, *rows])


def _any(preview: Mapping[str, Mapping[str, int]], kinds: Sequence[str]) -> bool:
    return any(counts.get(kind) for counts in preview.values() for kind in kinds)


def _warnings(suites: Sequence[Mapping[str, Any]]) -> str:
    counts = {str(each.get("suite")): int(each.get("warning") or 0) for each in suites}
    listed = [f"{SUITES.get(suite, suite)} {number(count)}" for suite, count in counts.items() if count]
    return tr("Warnings, which do not block: %(listed)s.", listed=", ".join(listed)) if listed else ""


def _what_to_do(tenant: Tenant) -> str:
    if tenant.start == "manual":
        return tr(
            "Switch on the Visma Business – Severa integration of **%(company)s** by hand, then approve to "
            "record it: it will never be asked for again. Reject if you do not start it now; a later run "
            "asks again.",
            company=plain(tenant.title),
        )
    how = ""
    if isinstance(tenant.start, WebhookStart):
        how = tr("calls the connection `%(name)s`", name=tenant.start.webhook)
    elif isinstance(tenant.start, DagStart):
        how = tr("triggers the DAG `%(name)s`", name=tenant.start.dag)
    return tr(
        "If you approve, Presync looks at both systems once more, then %(how)s, once: that starts the Visma "
        "Business – Severa integration of **%(company)s**, and what it links cannot be changed afterwards. "
        "If you reject, nothing is started; a later run asks again.",
        how=how,
        company=plain(tenant.title),
    )


def plain(text: str) -> str:
    """Return a text in which nothing is Markdown: names and reasons are people's own words."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
