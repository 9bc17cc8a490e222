"""The connection type that Airflow's UI offers for Visma Business, and what testing a connection there says.

Imported inside functions only: it loads pyodbc.
"""

from __future__ import annotations

from presync.errors import PresyncError
from presync.sources.inspection import summary
from presync.sources.visma_business.connection import opened
from presync.sources.visma_business.inspect import look_at_company
from presync.sources.visma_business.odbc_settings import CompanyConnection


class CompanyHook(CompanyConnection):
    """A company's connection that can also say what is visible through it."""

    def test_connection(self) -> tuple[bool, str]:
        """Connect and say who is logged in, where, which tables are visible, and whether it could write."""
        try:
            with opened(self, "Visma Business (this connection)") as company:
                return summary(look_at_company(company))
        except PresyncError as error:
            return False, error.message
