"""Fjord Rådgivning ApS, Denmark: in order, but Severa refuses its credentials, so nobody can know: error."""

from __future__ import annotations

from demo.companies import base
from demo.companies.company import Company


def draw() -> Company:
    """Return the company."""
    company = Company("fjord", "Fjord Rådgivning ApS", "DK")
    names = base.names_for(company)
    base.departments(company)
    base.products(company, names, linked=40, business_only=10)
    base.linked_employees(company, names, range(11, 36))
    customers = base.linked_customers(company, names, range(3001, 3301))
    base.linked_projects(company, names, range(1001, 1101), customers)
    base.invoice_statuses(company)
    base.severa_invoices(company, range(60001, 60501), customers)
    base.bystanders(company, names, contacts=40, suppliers=10)
    company.tables["AcInt"] = [{"AcCl": 1, "AcIntProc": 1, "FrNo": 3000, "ToNo": 8999}]
    company.tables["VoSr"] = [
        {
            "VoSrNo": 1,
            "Nm": "Kundefakturaer",
            "VoTp": 1,
            "FstVoNo": 50000,
            "NxtVoNo": 51310,
            "LstVoNo": 59999,
        },
    ]
    company.settings |= {"nextCustomerNumber": 9000, "nextInvoiceNumber": 60501, "nextProjectNumber": 2000}
    return company
