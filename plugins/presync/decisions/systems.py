"""A person's word that the two systems belong together, whatever they say of themselves."""

from __future__ import annotations

from presync.control.audit import write_audit
from presync.control.database import lock, now, transaction
from presync.control.models import AcceptedSystems
from presync.control.who import Who
from presync.decisions.model import RightSystems
from presync.decisions.record import _in_force, _name, _one_line, _withdraw, kind_of
from presync.errors import ConfigurationError


def accepted_systems(tenant: str) -> list[RightSystems]:
    """Return what people have said and nobody has withdrawn."""
    with transaction() as session:
        return [
            RightSystems(
                each.digest,
                each.reason,
                each.who,
                each.given_at.date(),
                by_kind=kind_of(each.who_kind),
            )
            for each in _in_force(session, AcceptedSystems, tenant)
        ]


def accept_systems(tenant: str, digest: str, *, reason: str, by: str | Who) -> None:
    """Record that the two systems are right, for what they say now; what was said before is replaced."""
    who = _name(by)
    if not reason.strip():
        raise ConfigurationError(
            "nothing was recorded: say how you know (--reason TEXT), because the start will rest on it",
            source=tenant,
        )
    with transaction() as session:
        lock(session, f"exceptions of {tenant}")
        _withdraw(_in_force(session, AcceptedSystems, tenant), who)
        given = AcceptedSystems(
            tenant=tenant,
            digest=digest,
            reason=_one_line(reason),
            who=who.name,
            who_kind=who.kind,
            given_at=now(),
        )
        session.add(given)
        detail = {"digest": digest, "reason": given.reason}
        write_audit(session, tenant, who, "accept-systems", detail)


def withdraw_systems(tenant: str, *, by: str | Who) -> None:
    """Take back what was said. Raises ConfigurationError if there is nothing."""
    who = _name(by)
    with transaction() as session:
        lock(session, f"exceptions of {tenant}")
        given = _in_force(session, AcceptedSystems, tenant)
        if not given:
            raise ConfigurationError(
                f"nobody has said that the two systems of tenant {tenant!r} are right, so there is nothing "
                "to withdraw",
                source=tenant,
            )
        _withdraw(given, who)
        write_audit(session, tenant, who, "accept-systems", {"withdrawn": given[0].digest})
