"""Who may approve a start: whom the tenant file names, and with `four_eyes` nobody whose word it rests on.

Airflow shows the question to all who may read the DAG, and takes the answer of the users it is assigned to.
Whatever it takes is looked at once more here, by the name of the user who was signed in.

With `four_eyes`, two people must be certain. A name that somebody typed, a operating-system user or an
entry of the exceptions file could all be the approver, so nobody may approve what rests on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from presync.errors import StartError
from presync.tenants.model import Tenant

_SOURCE: Final = "confirm_start"
_SURE: Final = "airflow"


def may_be_asked(tenant: Tenant, bound: Mapping[str, Any]) -> list[str]:
    """Return the users to whom a question is assigned; none: whoever may edit the DAG.

    `bound` is what the run's certificate is bound to. Raises StartError if none of the approvers is left.
    """
    _refuse_uncertain(tenant, bound)
    left = [name for name in tenant.approvers if not _rests_on(tenant, name, bound)]
    if tenant.approvers and not left:
        raise StartError(
            f"nobody may approve the start of {tenant.tenant}: it rests on what each of its approvers "
            f"({', '.join(tenant.approvers)}) said themselves, and the tenant file asks for four eyes. Name "
            "another approver, or let somebody else give the waivers and answers; then run again.",
            source=_SOURCE,
        )
    return left


def refuse_approval(tenant: Tenant, user: str | None, bound: Mapping[str, Any]) -> None:
    """Raise StartError if this user's approval does not count."""
    _refuse_uncertain(tenant, bound)
    if user is None:
        reason = "Airflow does not say who answered"
    elif tenant.approvers and not any(_same(user, name) for name in tenant.approvers):
        reason = f"{user} is not one of its approvers ({', '.join(tenant.approvers)})"
    elif _rests_on(tenant, user, bound):
        reason = (
            f"it rests on a waiver, an answer or a pair that {user} put on record, and the tenant file asks "
            "for four eyes"
        )
    else:
        return
    raise StartError(
        f"the start of {tenant.tenant} was not approved: {reason}. {nothing_started(tenant)} Run the "
        "tenant's DAG again, and let somebody who may answer it.",
        source=_SOURCE,
    )


def nothing_started(tenant: Tenant) -> str:
    """Return that Presync has started nothing, and what to do if a person has."""
    if tenant.start == "manual":
        return f"If it was switched on by hand, record it: presync start {tenant.tenant} --confirm --by NAME."
    return "Nothing was started."


def _rests_on(tenant: Tenant, user: str, bound: Mapping[str, Any]) -> bool:
    """Tell whether a certificate rests on this user's own word; without `four_eyes` it may."""
    return tenant.four_eyes and any(_same(user, by) for by, _kind in _given(bound))


def _refuse_uncertain(tenant: Tenant, bound: Mapping[str, Any]) -> None:
    """Raise StartError if `four_eyes` holds and nobody can be sure who gave something."""
    uncertain = sorted({by for by, kind in _given(bound) if kind != _SURE})
    if not tenant.four_eyes or not uncertain:
        return
    raise StartError(
        f"nobody may approve the start of {tenant.tenant}: it rests on decisions in the name of "
        f"{', '.join(uncertain)} that were given by command or in the exceptions file. Anybody could have "
        "written these names, and the tenant file asks for four eyes. Give the same decisions again on the "
        "company's page, signed in to Airflow, and take them out of the exceptions file; then run again and "
        "let somebody else approve.",
        source=_SOURCE,
    )


def _given(bound: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield whose word a certificate rests on, and how sure that is; older certificates hold names alone."""
    for each in bound.get("given_by") or ():
        yield (str(each.get("by")), str(each.get("kind"))) if isinstance(each, Mapping) else (str(each), "")


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
