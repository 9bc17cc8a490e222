"""The control tables, by subject: every time is UTC, on SQLite as on PostgreSQL.

The schema changes only through `migrations/`; a test compares both. All tables are imported here, so that
whoever needs the schema has the whole of it.
"""

from presync.control.models.base import Base, UtcDateTime
from presync.control.models.decisions import AcceptedSystems, ConfirmedPairRecord, Decision, WaiverRecord
from presync.control.models.fleet import Company, CompanyDay, FilesRead, Notice
from presync.control.models.journal import Application, AppliedCall
from presync.control.models.reading import AcceptedChange, ExtractedTable, RefusedTable, RequestShare
from presync.control.models.starts import REPEATABLE, UNSETTLED, Start, StartState
from presync.control.models.trail import AuditEntry, ThisDatabase
from presync.control.models.verdicts import Certificate, FindingRecord, Run

__all__ = [
    "REPEATABLE",
    "UNSETTLED",
    "AcceptedChange",
    "AcceptedSystems",
    "Application",
    "AppliedCall",
    "AuditEntry",
    "Base",
    "Certificate",
    "Company",
    "CompanyDay",
    "ConfirmedPairRecord",
    "Decision",
    "ExtractedTable",
    "FilesRead",
    "FindingRecord",
    "Notice",
    "RefusedTable",
    "RequestShare",
    "Run",
    "Start",
    "StartState",
    "ThisDatabase",
    "UtcDateTime",
    "WaiverRecord",
]
