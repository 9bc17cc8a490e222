"""How a finding on a counter is to be corrected, with the one figure that all proposals together make right.

A suite proposes a counter when only its own numbers are known. The proposals of all suites may give some of
these numbers to records, so reports and the gate say what the proposals together say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from presync.fixes.model import CounterProposal, FixPlan

_OVERLAP: Final = "series_overlap"
_OF_THE_COUNTER: Final = ("next_number_taken", "counter_past_ceiling", "series_unknown")


@dataclass(frozen=True)
class CounterTexts:
    """`proposed`: the counters by suite; `left`: why an overlap has no proposal, by finding id."""

    proposed: Mapping[str, CounterProposal] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: FixPlan) -> CounterTexts:
        """Return the texts of a plan."""
        left = {
            each.finding.finding_id: each.reason for each in plan.by_hand if each.finding.rule == _OVERLAP
        }
        return cls(plan.counters, left)

    @classmethod
    def read(cls, values: Any) -> CounterTexts:
        """Return what `as_dict` has written; nothing is replaced if there is none."""
        if not isinstance(values, Mapping):
            return cls()
        proposed = {
            suite: CounterProposal(each["counter"], each["ceiling"])
            for suite, each in values["proposed"].items()
        }
        return cls(proposed, values["left"])

    def as_dict(self) -> dict[str, Any]:
        """Return the values for `verdict.json`."""
        proposed = {
            suite: {"counter": each.counter, "ceiling": each.ceiling} for suite, each in self.proposed.items()
        }
        return {"proposed": proposed, "left": dict(self.left)}

    def fix(self, suite: str, finding: Mapping[str, str]) -> str:
        """Return how a finding is to be corrected, given its id, rule, `fix_in` and `fix`."""
        rule, own = finding["rule"], finding["fix"]
        if rule == _OVERLAP and finding["finding_id"] in self.left:
            return f"There is no proposal: {self.left[finding['finding_id']]}."
        of_severa = rule in _OF_THE_COUNTER and finding["fix_in"] != "presync"
        if suite in self.proposed and (rule == _OVERLAP or of_severa):
            return self.proposed[suite].text
        return own
