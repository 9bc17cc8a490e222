"""What a verdict comes to, as the fleet page shows it: open findings by rule and place, the first error."""

from __future__ import annotations

from collections import Counter
from typing import Final

from presync.control.companies import Judgement
from presync.staging.store import RunStore
from presync.verdict.history import seen_findings
from presync.verdict.model import Verdict

_LONGEST: Final = 500
_UNKNOWN_PLACE: Final = "either"


def judge(verdict: Verdict, store: RunStore | None) -> Judgement:
    """Return what a verdict comes to; without the run's store, or after an error, nothing is counted."""
    reason = ""
    if verdict.errors:
        first, more = verdict.errors[0], len(verdict.errors) - 1
        reason = f"{first.source}: {first.message.splitlines()[0] if first.message else ''}"[:_LONGEST]
        reason += f" … and {more} more" if more else ""
    critical: Counter[str] = Counter()
    warning: Counter[str] = Counter()
    places: Counter[str] = Counter()
    if store is not None and verdict.status != "error":
        for found in seen_findings(store, verdict):
            if found.waived:
                continue
            name = f"{found.suite}/{found.rule}"
            if found.severity == "critical":
                critical[name] += 1
                places[found.fix_in or _UNKNOWN_PLACE] += 1
            else:
                warning[name] += 1
    rules = {name: [critical[name], warning[name]] for name in sorted(critical.keys() | warning.keys())}
    return Judgement(
        run_id=verdict.run_id,
        status=verdict.status,
        reason=reason,
        warning=verdict.warning,
        rules=rules,
        places=dict(places),
    )
