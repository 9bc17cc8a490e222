"""Mälaren Konsult AB, Sweden: blocked, because two of the five questions are not answered yet.

There is no customer number series here, and the voucher series is open upwards: Severa numbers below.
"""

from __future__ import annotations

from demo.companies import base
from demo.companies.company import Company


def draw() -> Company:
    """Return the company."""
    company = Company("malaren", "Mälaren Konsult AB", "SE")
    names = base.names_for(company)
    base.departments(company)
    base.products(company, names, linked=45, business_only=15)
    base.linked_employees(company, names, range(201, 241))
    customers = base.linked_customers(company, names, range(20001, 20381))
    base.business_customers(company, names, range(20381, 20421))
    for number in range(4001, 4011):
        company.severa_customer(next(names.customers), number)
    base.linked_projects(company, names, range(1001, 1151), customers)
    base.invoice_statuses(company)
    base.severa_invoices(company, range(2001, 3000), customers)
    base.business_invoices(company, range(7000, 7200), customers)
    base.bystanders(company, names, contacts=60, suppliers=20)
    company.tables["VoSr"] = [
        {"VoSrNo": 1, "Nm": "Kundfakturor", "VoTp": 1, "FstVoNo": 0, "NxtVoNo": 7200, "LstVoNo": 0},
    ]
    company.settings |= {"nextCustomerNumber": 5000, "nextInvoiceNumber": 3000, "nextProjectNumber": 3000}
    # the same customer without a number in Severa: code_missing
    company.business_customer(20421, "Roslagens Skärgårdstrafik AB", "556677-8899")
    company.severa_customer("Roslagens Skärgårdstrafik", None, "SE556677889901")
    return company
