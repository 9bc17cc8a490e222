"""The seven suites: what must have been checked before anything may start."""

from __future__ import annotations

from typing import Final

SUITES: Final = (
    "customer_numbering",
    "invoice_numbering",
    "departments",
    "products",
    "employees",
    "customers",
    "projects",
)
