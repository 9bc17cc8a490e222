"""What a fix file that went through somebody's hands may not say: no rehearsal passes over it silently."""

from __future__ import annotations

from collections import Counter
from typing import Final

from presync.errors import ConfigurationError
from presync.fixes.model import FixPlan, SeveraChange
from presync.staging.tables import SEVERA

SETTINGS: Final = {
    "nextCustomerNumber": "next_customer_number",
    "nextInvoiceNumber": "next_invoice_number",
    "nextProjectNumber": "next_project_number",
}
_FIELDS: Final = ("code", "number", "name", "first_name", "last_name", "email", "vat_number")
_LONGEST: Final = 18  # digits that 64 bits hold for certain
_AGAIN: Final = "Correct that row, or take the fix file from the report again."


def require_applicable(plan: FixPlan) -> None:
    """Return if every change is one that a rehearsal can do, and each field is changed once.

    Raises ConfigurationError that names file, record and field.
    """
    for change in plan.severa:
        _require_known(change)
    for wanted in plan.tenant:
        _require_number(wanted.proposed or "0", f"fixes/presync/tenant.csv: {wanted.field}")
    for marked in plan.visma_business:
        what = f"fixes/visma_business/{marked.table}.csv: {marked.column} of {marked.key}"
        _require_number(marked.proposed, what)
    names = [
        *(
            f"severa/{each.register}.csv: {each.field} of {each.guid or 'the settings'}"
            for each in plan.severa
        ),
        *(f"visma_business/{e.table}.csv: {e.column} of {e.key.strip()}" for e in plan.visma_business),
        *(f"presync/tenant.csv: {each.field}" for each in plan.tenant),
    ]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        more = f" (and {len(twice) - 1} more)" if len(twice) > 1 else ""
        raise _refused(f"fixes/{twice[0]} is changed in two rows{more}, and nobody can tell which one counts")


def _require_known(change: SeveraChange) -> None:
    what = f"fixes/severa/{change.register}.csv: {change.field} of {change.guid or 'the settings'}"
    if change.register not in SEVERA:
        raise _refused(
            f"fixes/severa/{change.register}.csv: there is no register {change.register!r}; it is one of "
            f"{', '.join(SEVERA)}"
        )
    if change.register == "organizationsettings":
        if change.field not in SETTINGS:
            raise _refused(f"{what} is not a counter; it is one of {', '.join(SETTINGS)}")
        _require_number(change.proposed, what)
        return
    kind = SEVERA[change.register].get(change.field) if change.field in _FIELDS else None
    if kind is None:
        possible = ", ".join(field for field in _FIELDS if field in SEVERA[change.register])
        raise _refused(
            f"{what} is not a field that a rehearsal can change; it is one of {possible or 'none'}"
        )
    if kind == "integer":
        _require_number(change.proposed, what)


def _require_number(text: str, what: str) -> None:
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST):
        raise _refused(f"{what} is proposed to be {text!r}, which is not a whole number")


def _refused(reason: str) -> ConfigurationError:
    return ConfigurationError(f"{reason}; so nothing was rehearsed. {_AGAIN}", source="fixes")
