"""Is this the control database that knows whether a tenant was started before?

A lost, fresh, other or older control database would forget starts, and the next run would make them again. So
a marker lies beside staging and reports, `known/<tenant>.json`: which database has recorded the tenant, and
the newest entry of the audit trail that it had. Where there is none, the reports and staged data tell
whether the tenant is older than the database.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from presync import settings
from presync.control.audit import has_entry, newest_entry, write_audit
from presync.control.database import transaction
from presync.control.identity import database_identity
from presync.control.starts import record_started
from presync.control.who import Who
from presync.errors import ConfigurationError, StartError

SOURCE: Final = "start_integration"
_CLOCKS: Final = timedelta(minutes=5)  # by which the clocks of two machines may differ


def require_same_database(tenant: str) -> None:
    """Return if nothing shows that the tenant is older than the control database, or known to another.

    Raises StartError that says what shows it, and what to do.
    """
    reason = doubt(tenant)
    if reason:
        raise StartError(
            f"the integration of tenant {tenant!r} was not started: {reason}, so it may have been "
            "started before without this database knowing. Restore the right one (PRESYNC_DATABASE_URL, or a "
            "backup). If it is lost, ask the receiver whether the integration runs, then record it: presync "
            f"accept-database {tenant} --started or --not-started.",
            source=SOURCE,
        )


def doubt(tenant: str) -> str:
    """Return in words what shows that the control database is not the tenant's, "" if nothing does."""
    identity, made_at = database_identity()
    marker = _read(tenant)
    if marker is None:
        oldest = min(_evidence(tenant), default=None)
        if oldest is not None and oldest + _CLOCKS < made_at:
            return (
                f"it has data from {oldest:%Y-%m-%d %H:%M} UTC, but the control database knows nothing from "
                f"before {made_at:%Y-%m-%d %H:%M} UTC"
            )
        return ""
    if marker.get("database") != identity:
        return (
            f"the control database in use ({identity}, since {made_at:%Y-%m-%d %H:%M} UTC) is not the one "
            f"that has recorded it ({marker.get('database')})"
        )
    if marker.get("newest") and not has_entry(str(marker["newest"])):
        return (
            f"the control database lacks what it had recorded by {marker.get('at')}: it was replaced by an "
            "older copy, or entries were removed from its audit trail"
        )
    return ""


def remember_database(tenant: str, *, whatever: bool = False) -> None:
    """Write the marker, unless there is a doubt (or `whatever` there is, because a person has settled it).

    Raises ConfigurationError if it cannot be written: a start that nothing remembers may not be made.
    """
    if not whatever and doubt(tenant):
        return
    identity, _ = database_identity()
    marker = {
        "database": identity,
        "newest": newest_entry(tenant),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    try:
        _write(tenant, json.dumps(marker))
    except OSError as error:
        raise ConfigurationError(
            f"the file that says which control database knows tenant {tenant!r} cannot be written beside its "
            f"reports ({type(error).__name__}), so a lost database could not be told later. Make the folder "
            "known in PRESYNC_DATA writable.",
            source=SOURCE,
        ) from None


def accept_database(tenant: str, *, started: bool, by: Who) -> None:
    """Record a person's word about a database that forgot a tenant: it is the right one from now on.

    `started`: the integration runs, so that no run may start it.
    """
    reason = doubt(tenant)
    if not reason:
        raise ConfigurationError(
            f"nothing shows that the control database has forgotten anything about tenant {tenant!r}, so "
            "there is nothing to accept. Check the name, and PRESYNC_DATA.",
            source=tenant,
        )
    if started:
        record_started(tenant, by)
    with transaction() as session:
        detail = {"started": started, "because": reason}
        write_audit(session, tenant, by, "accept-database", detail)
    remember_database(tenant, whatever=True)


def _place(*parts: str) -> Any:
    root = settings.data_url().rstrip("/")
    if "://" not in root:
        return Path(root, *parts)
    from airflow.sdk import ObjectStoragePath

    return ObjectStoragePath("/".join((root, *parts)))


def _read(tenant: str) -> dict[str, Any] | None:
    """Return the marker; one that cannot be understood names no database, which is a doubt."""
    place = _place("known", f"{tenant}.json")
    if not place.exists():
        return None
    try:
        marker = json.loads(place.read_text())
    except (OSError, ValueError):
        marker = None
    return marker if isinstance(marker, dict) else {}


def _write(tenant: str, text: str) -> None:
    place = _place("known", f"{tenant}.json")
    place.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(place, Path):
        place.write_text(text)
        return
    new = place.with_name(f".{tenant}.partial-{uuid.uuid4().hex}")
    try:
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)


def _evidence(tenant: str) -> Iterator[datetime]:
    """Yield when the reports and the staged extracts that are there were finished."""
    for area, file in (("reports", "verdict.json"), ("staging", "manifest.json")):
        folder = _place(area, tenant)
        if not folder.exists():
            continue
        for path in folder.rglob(file):
            try:
                finished = datetime.fromisoformat(str(json.loads(path.read_text())["finished_at"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
            yield finished if finished.tzinfo else finished.replace(tzinfo=UTC)
