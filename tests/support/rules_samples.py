"""A small tenant with one finding of many rules, for tests of how suites are run."""

from __future__ import annotations

from presync.tenants.model import Tenant
from tests.oracle import StagedData


def tenant(**changes: object) -> Tenant:
    """Return a tenant that answers `all` to everything and names invoice series 1."""
    values: dict[str, object] = {
        "tenant": "sample",
        "title": "Sample AS",
        "visma_business": {"invoice_series": [1]},
        "transfer": dict.fromkeys(("departments", "products", "employees", "customers", "projects"), "all"),
    }
    return Tenant.model_validate({**values, **changes})


def mismatched_customers(**changes: object) -> StagedData:
    """Return a tenant whose customer `Fjord AS` has two numbers, and `Lund AS` nearly two names."""
    return StagedData(
        tenant(**changes),
        {
            ("visma_business", "associates"): [
                {"act_no": "1", "name": "Fjord AS", "customer_no": "10"},
                {"act_no": "2", "name": "Lund og sønner AS", "customer_no": "11"},
            ],
            ("visma_business", "voucher_series"): [{"key": "1", "first": 1, "next": 1, "last": 999}],
            ("severa", "customers"): [
                {"guid": "a", "name": "Fjord", "number": 12},
                {"guid": "b", "name": "Lund og sønne", "number": 13},
            ],
            ("severa", "organizationsettings"): [
                {"next_customer_number": 100, "next_invoice_number": 1000, "next_project_number": 1}
            ],
        },
    )
