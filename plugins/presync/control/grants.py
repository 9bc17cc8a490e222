"""What the role may do that Presync runs as: read and write rows, and own nothing.

Only PostgreSQL has roles. The tables belong to another role, which migrates them; whoever gets hold of the
running role's password can then neither drop a table nor switch off the audit trail's guard.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from presync.control.database import SOURCE, VERSION_TABLE, transaction
from presync.control.models import (
    AuditEntry,
    Base,
    CompanyDay,
    ExtractedTable,
    Notice,
    RefusedTable,
    RequestShare,
    ThisDatabase,
)
from presync.errors import ConfigurationError

_NEVER_CHANGED: Final = {each.__tablename__ for each in (AuditEntry, ThisDatabase)}
_FORGOTTEN: Final = {
    each.__tablename__ for each in (CompanyDay, ExtractedTable, Notice, RefusedTable, RequestShare)
}
"""The tables whose rows are removed; those of all others stay."""


def grant_to(role: str) -> None:
    """Give a role what a running Presync needs, and take back whatever else it has on the tables.

    Raises ConfigurationError if the database has no roles, or if this one would own the tables all the same.
    """
    with transaction() as session:
        _require_another(session, role)
        quoted = session.get_bind().dialect.identifier_preparer.quote(role)
        for kind in ("TABLES", "SEQUENCES"):
            session.execute(text(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {quoted}"))
        session.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}"))
        session.execute(text(f"GRANT SELECT ON {VERSION_TABLE} TO {quoted}"))
        for table in Base.metadata.tables:
            session.execute(text(f"GRANT {', '.join(_rights(table))} ON {table} TO {quoted}"))


def _rights(table: str) -> list[str]:
    rights = ["SELECT", "INSERT"]
    if table not in _NEVER_CHANGED:
        rights.append("UPDATE")
    if table in _FORGOTTEN:
        rights.append("DELETE")
    return rights


def _require_another(session: Session, role: str) -> None:
    if session.get_bind().dialect.name != "postgresql":
        raise ConfigurationError(
            "the control database is SQLite, which has no roles: nothing was granted. Leave --run-as out, or "
            "name a PostgreSQL database in PRESYNC_DATABASE_URL.",
            source=SOURCE,
        )
    known = session.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).first()
    if known is None:
        raise ConfigurationError(
            f"the database server has no role {role!r}, so nothing was granted; create it first",
            source=SOURCE,
        )
    # also true of a superuser, and of a member of the owner
    owns = session.scalar(text("SELECT pg_has_role(:role, current_user, 'MEMBER')"), {"role": role})
    if owns:
        raise ConfigurationError(
            f"the role {role!r} is the owner of the control database's tables, a member of the owner or a "
            "superuser, so nothing was granted: it could change the audit trail. Run Presync as a role that "
            "owns nothing (docs/operating.md).",
            source=SOURCE,
        )
