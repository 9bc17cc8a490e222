"""Mälaren Konsult AB, Sweden: blocked, because two of the five questions are not answered yet.

There is no customer number series here, and the voucher series is open upwards: Severa numbers below.
Visma Business has been in use since 2008: customers, projects and employees of long ago may stay behind.
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
    _long_ago(company, names)
    return company


OLD_CUSTOMERS = range(20500, 20590)
OLD_PROJECTS = range(1301, 1421)
OLD_EMPLOYEES = range(101, 113)
WITH_OPEN_ITEMS = range(20500, 20504)
WITH_LIVING_PROJECTS = range(20504, 20510)
_NEVER_OLD = 20991231  # whenever the demo runs


def _long_ago(company: Company, names: base.Names) -> None:
    """Add what nobody has touched for years; some of the customers still owe money or have a project."""
    for number in OLD_CUSTOMERS:
        company.business_customer(number, next(names.customers), base.new_id(company), **_years_ago(company))
    for code, name in zip(OLD_PROJECTS, names.projects, strict=False):
        customer = OLD_CUSTOMERS[10 + code % (len(OLD_CUSTOMERS) - 10)]
        company.unit("R2", code, name, CustNo=customer, **_years_ago(company))
    for code, (customer, name) in enumerate(zip(WITH_LIVING_PROJECTS, names.projects, strict=False), 1431):
        company.unit("R2", code, name, CustNo=customer, ChDt=_NEVER_OLD, CreDt=20120101)
    for number, (first, last) in zip(OLD_EMPLOYEES, names.people, strict=False):
        email = base.email_of(company, first, last)
        company.business_employee(number, f"{first} {last}", email, **_years_ago(company))
    for number in WITH_OPEN_ITEMS:
        row = {"TrNo": len(company.tables["CustTr"]) + 1, "CustNo": number, "VoDt": 20160315}
        company.tables["CustTr"].append({**row, "InvoNo": f"KID-{number}", "AmDom": 1200, "RestAm": 1200})
    for row in company.tables["Prod"]:
        changed = _years_ago(company) if str(row["ProdNo"]) > "X0008" else {"ChDt": 20260115}
        row |= {"CreDt": 20080101, **changed}


def _years_ago(company: Company) -> dict[str, int]:
    year = company.random.randint(2009, 2018)
    return {"CreDt": 20080101, "ChDt": year * 10_000 + company.random.randint(1, 12) * 100 + 15}
