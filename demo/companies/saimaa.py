"""Saimaa Digi Oy, Finland: blocked by number series and code mismatches, and by a bit of everything else.

Each critical finding is planted below and listed in `demo/README.md`.
"""

from __future__ import annotations

from demo.companies import base
from demo.companies.company import Company


def draw() -> Company:
    """Return the company."""
    company = Company("saimaa", "Saimaa Digi Oy", "FI")
    names = base.names_for(company)
    base.departments(company)
    base.products(company, names, linked=80, business_only=20)
    base.linked_employees(company, names, range(1, 61))
    customers = base.linked_customers(company, names, range(1001, 1701))
    base.business_customers(company, names, range(1701, 1751))
    for number in range(201, 221):
        company.severa_customer(next(names.customers), number)
    base.linked_projects(company, names, range(2001, 2201), customers, table="R7")
    base.invoice_statuses(company)
    base.bystanders(company, names, contacts=80, suppliers=40)
    _plant_series(company, names)
    _plant_invoices(company, customers)
    _plant_matches(company, names)
    _plant_customers(company)
    _plant_others(company, names)
    return company


def _plant_series(company: Company, names: base.Names) -> None:
    """Both systems hand out customer numbers from 5001 to 9999, and some of these are taken already."""
    company.tables["AcInt"] = [
        {"AcCl": 1, "AcIntProc": 1, "FrNo": 1000, "ToNo": 9999},
        {"AcCl": 2, "AcIntProc": 1, "FrNo": 60000, "ToNo": 69999},
    ]
    company.settings |= {"nextCustomerNumber": 5001, "nextProjectNumber": 10001}
    base.business_customers(company, names, (5100, 5101, 5102))
    for number in (4001, 4002):
        company.severa_customer(next(names.customers), number)


def _plant_invoices(company: Company, customers: list[dict[str, object]]) -> None:
    """Two units with invoice series of their own; the organisation's counter is behind its invoices."""
    company.tables["VoSr"] = [
        {"VoSrNo": 10, "Nm": "Myyntilaskut", "VoTp": 1, "FstVoNo": 20000, "NxtVoNo": 20850, "LstVoNo": 29999},
        {"VoSrNo": 20, "Nm": "Ostolaskut", "VoTp": 3, "FstVoNo": 1, "NxtVoNo": 5120, "LstVoNo": 0},
    ]
    company.settings["nextInvoiceNumber"] = 30200
    first, second = (company.registers["businessunits"][position]["guid"] for position in (1, 2))
    base.severa_invoices(company, range(30180, 30206), customers)  # next_number_taken: 30200
    base.severa_invoices(company, [*range(31001, 31401), 31100], customers, first)  # number_duplicate: 31100
    base.severa_invoices(company, [*range(40001, 40201)], customers, second)
    base.severa_invoices(company, [40050], customers, first)  # number_shared_by_units


def _plant_matches(company: Company, names: base.Names) -> None:
    # the same customer under two numbers: code_mismatch
    for number in range(1751, 1765):
        name, business_no = next(names.customers), base.new_id(company)
        company.business_customer(number, name, business_no)
        company.severa_customer(name, number - 1450, company.country.vat_number(business_no))
    # the same customer without a number in Severa: code_missing
    for number in range(1765, 1771):
        name = next(names.customers)
        company.business_customer(number, name, base.new_id(company))
        company.severa_customer(name, None)


def _plant_customers(company: Company) -> None:
    # two customers of one name here, one without a number there: ambiguous_match twice
    for number in (1771, 1772):
        company.business_customer(number, "Järvi-Suomen Hirsitalot Oy")
    company.severa_customer("Järvi-Suomen Hirsitalot Oy", None)
    # two companies under one number: code_conflict, number_in_other_series
    company.business_customer(1773, "Lapin Poronliha Oy", "2233445-8")
    company.severa_customer("Ahvenanmaan Varustamo Ab", 1773, "FI33445567")
    # two companies of one name: same_name_other_id
    company.business_customer(1774, "Karjalan Kievari Oy", "2233446-6")
    company.severa_customer("Karjalan Kievari", 320, "FI77889928")
    # the same words in another spelling: near_duplicate, a warning only
    company.business_customer(1775, "Keski-Pohjanmaan Turkistarhat Oy")
    company.severa_customer("Keski-Pohjanmaan Turkistarha Oy", 321)


def _plant_others(company: Company, names: base.Names) -> None:
    # two departments, one code_mismatch and one code_not_transferable
    company.unit("R1", 90, "Vientikauppa Tallinna")
    company.severa_unit("Vientikauppa Tallinna", "95")
    company.severa_unit("Etätyöpiste Levi", "007")
    # products that share a code and nothing else: code_conflict
    company.business_product("K-100", "Paperiarkisto")
    company.severa_product("Lumilinko", "K-100")
    # two users with one code (code_duplicate), and a code with letters (code_not_transferable)
    for code in ("77", "77", "A12"):
        first, last = next(names.people)
        company.severa_user(first, last, code, base.email_of(company, first, last))
    # projects: a number with more digits than R7 has characters: code_not_transferable;
    # the counter stands above its ceiling: counter_past_ceiling
    company.severa_project(next(names.projects), 20260000001, company.registers["customers"][0])
    # `none` transfer, so codes with letters are no obstacle
    company.unit("R7", "SISÄINEN-1", next(names.projects))
