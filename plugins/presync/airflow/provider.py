"""Tells Airflow about the two connection types, so that its UI offers them and can test a connection.

Airflow reads this through the entry point `apache_airflow_provider`, in every process: no imports here.
"""

from __future__ import annotations

from typing import Any


def provider_info() -> dict[str, Any]:
    """Return what Airflow wants to know about a package with connection types."""
    return {
        "package-name": "presync",
        "name": "Presync",
        "description": "Connections to Visma Business and Severa.",
        "connection-types": [
            {
                "connection-type": "visma_business",
                "hook-class-name": "presync.sources.visma_business.hook.CompanyHook",
                "hook-name": "Visma Business",
            },
            {
                "connection-type": "severa",
                "hook-class-name": "presync.sources.severa.hook.SeveraHook",
                "hook-name": "Severa",
            },
        ],
    }
