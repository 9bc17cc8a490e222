"""Why a record has its outcome, in the language that is spoken.

The reason is stored in English, as sentences of `preview/sql/details.sql`; of a blocked record it is the
message of a finding.
"""

from __future__ import annotations

import re
from typing import Final

from presync.languages.said_again import said_again
from presync.languages.speaking import spoken
from presync.languages.texts import English, marked, tr
from presync.report.finding_words import said_of_any_rule

_SENTENCES: Final = (
    marked("Equal numbers under different names."),
    marked("Equal numbers, and names that are alike."),
    marked("Equal numbers, and the same."),
    marked("{count} more in {system} with this number."),
    marked("Nobody has answered whether it moves, but the one in {system} does."),
    marked("It is inactive, but the one in {system} moves."),
    marked("It is closed, but the one in {system} moves."),
    marked("{field} is {value}, which excludes it, but the one in {system} moves."),
    marked("The answer is none, but the one in {system} moves."),
    marked("It has no e-mail address, but the one in {system} moves."),
    marked("Findings block the other one."),
    marked("No counterpart in {system} has its number."),
    marked("It has no number, so nothing in {system} can be linked to it."),
    marked("{field} is {value}: the answer excludes it."),
    marked("It is inactive in Severa, and no record that moves has its number."),
    marked("It is closed in Severa, and no record that moves has its number."),
    marked("The answer to “transfer all of them?” is none."),
    marked("It has no e-mail address: employees without one do not reach Severa."),
)
_NEXT: Final = re.compile(r"(?<=\.) (?=[A-Z0-9])")
_SEVERAL: Final = re.compile(r"(.*) \((\d+) findings\.\)", flags=re.DOTALL)


def reason_words(reason: str) -> str:
    """Return a reason of the preview in the language that is spoken; what nobody knows stays English."""
    if not reason or spoken() == "en":
        return reason
    sentences = [said_again(each, _SENTENCES) for each in _NEXT.split(reason)]
    if not any(isinstance(each, English) for each in sentences):
        return " ".join(sentences)
    several = _SEVERAL.fullmatch(reason)
    message = said_of_any_rule(several[1] if several else reason)
    if not several or isinstance(message, English):
        return English(reason) if isinstance(message, English) else message
    return f"{message} " + tr("(%(n)s findings.)", n=several[2])
