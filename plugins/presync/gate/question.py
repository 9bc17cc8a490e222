"""What a person is asked before a start, as Markdown: what will happen, on what it rests, until when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from presync.report.wording import ENTITIES, SUITES
from presync.tenants.model import Tenant
from presync.tenants.start import DagStart, WebhookStart

_SHOWN: Final = 20
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "linked": ("link",),
    "created in Severa": ("create_in_severa",),
    "created in Visma Business": ("create_in_visma_business",),
    "not transferred": ("excluded", "not_transferred"),
    "held back": ("blocked",),
}
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>|#~!])")


def subject(tenant: Tenant) -> str:
    """Return the question in one line."""
    if tenant.start == "manual":
        return f"Start the integration of {tenant.title} now"
    return f"May the integration of {tenant.title} be started?"


def question(
    tenant: Tenant,
    bound: Mapping[str, Any],
    ends: datetime | None,
    links: Mapping[str, str],
    told: Mapping[str, Any] | None = None,
) -> str:
    """Return what a person is asked. `told` is the `verdict.json` of the run's report, if it can be read."""
    parts = [
        _rests(bound.get("rests_on") or []),
        *_happens((told or {}).get("preview") or {}),
        _warnings((told or {}).get("suites") or []),
        f"This holds until {ends:%Y-%m-%d %H:%M} UTC; nothing is started after that." if ends else "",
        " · ".join(f"[{name}]({address})" for name, address in links.items()),
        _what_to_do(tenant),
    ]
    return "\n\n".join(filter(None, parts))


def _rests(rests_on: Sequence[str]) -> str:
    if not rests_on:
        return "Everything was checked and nothing critical stands."
    listed = "".join(f"\n- {_plain(each)}" for each in rests_on[:_SHOWN])
    more = f"\n- … and {len(rests_on) - _SHOWN} more, on the report" if len(rests_on) > _SHOWN else ""
    return (
        "Everything was checked. That nothing critical stands rests on this:"
        f"{listed}{more}\n\nDo you agree with all of it?"
    )


def _happens(preview: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield the first synchronisation in numbers; where nothing is known of it, that."""
    if not preview:
        yield "The report does not say what the first synchronisation would do: read it before you approve."
        return
    columns = {
        title: kinds for title, kinds in _COLUMNS.items() if title != "held back" or _any(preview, kinds)
    }
    rows = [
        f"| {ENTITIES.get(entity, entity)} | "
        + " | ".join(f"{sum(counts.get(kind, 0) for kind in kinds):,}" for kinds in columns.values())
        + " |"
        for entity, counts in preview.items()
    ]
    head = f"| Records | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}"
    yield "The first synchronisation will do this:"
    yield "\n".join([head, *rows])


def _any(preview: Mapping[str, Mapping[str, int]], kinds: Sequence[str]) -> bool:
    return any(counts.get(kind) for counts in preview.values() for kind in kinds)


def _warnings(suites: Sequence[Mapping[str, Any]]) -> str:
    counts = {str(each.get("suite")): int(each.get("warning") or 0) for each in suites}
    listed = [f"{SUITES.get(suite, suite)} {count:,}" for suite, count in counts.items() if count]
    return f"Warnings, which do not block: {', '.join(listed)}." if listed else ""


def _what_to_do(tenant: Tenant) -> str:
    if tenant.start == "manual":
        return (
            f"Switch on the Visma Business - Severa integration of **{_plain(tenant.title)}** by hand, then "
            "approve to record it: it will never be asked for again. Reject if you do not start it now; a "
            "later run asks again."
        )
    how = ""
    if isinstance(tenant.start, WebhookStart):
        how = f"calls the connection `{tenant.start.webhook}`"
    elif isinstance(tenant.start, DagStart):
        how = f"triggers the DAG `{tenant.start.dag}`"
    return (
        f"If you approve, Presync looks at both systems once more, then {how}, once: that starts the Visma "
        f"Business - Severa integration of **{_plain(tenant.title)}**, and what it links cannot be changed "
        "afterwards. If you reject, nothing is started; a later run asks again."
    )


def _plain(text: str) -> str:
    """Return a text in which nothing is Markdown: names and reasons are people's own words."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
