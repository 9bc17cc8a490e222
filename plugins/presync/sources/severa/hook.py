"""The connection type `severa` in Airflow's UI, with its test; extracts use the client directly."""

from __future__ import annotations

from airflow.sdk import BaseHook


class SeveraHook(BaseHook):
    """Host = API base address, login = client id, password = client secret."""

    conn_name_attr = "severa_conn_id"
    default_conn_name = "severa_default"
    conn_type = "severa"
    hook_name = "Severa"

    def __init__(self, severa_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.severa_conn_id = severa_conn_id

    def test_connection(self) -> tuple[bool, str]:
        """Log in and look at every register's beginning; return whether all went well, and what was seen."""
        from presync.sources.inspection import summary
        from presync.sources.severa.inspect import look_at_severa
        from presync.tenants.model import Tenant

        named = {"tenant": "this-connection", "title": "-", "severa": {"connection": self.severa_conn_id}}
        return summary(look_at_severa(Tenant.model_validate(named)))
