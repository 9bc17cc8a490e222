"""Nordlys Rådgivning AS, Norway: ready. What is wrong with it are warnings, each planted below."""

from __future__ import annotations

from demo.companies import base
from demo.companies.company import Company


def draw() -> Company:
    """Return the company."""
    company = Company("nordlys", "Nordlys Rådgivning AS", "NO")
    names = base.names_for(company)
    base.departments(company)
    base.products(company, names, linked=110, business_only=30)
    base.linked_employees(company, names, range(101, 181))
    base.linked_employees(company, names, range(181, 189), left=True)
    customers = base.linked_customers(company, names, range(10001, 10951))
    base.linked_customers(company, names, range(1911, 1951))
    base.business_customers(company, names, range(11001, 11041))
    base.business_customers(company, names, range(11041, 11066), Gr5=1)
    for number in range(90001, 90011):
        company.severa_customer(next(names.customers), number)
    projects = base.linked_projects(company, names, range(1001, 1361), customers)
    base.sales_cases(company, names, range(4001, 4021), projects[:10])
    base.invoice_statuses(company)
    base.severa_invoices(company, range(500001, 501801), customers)
    base.business_invoices(company, [*range(101000, 103211), *range(200001, 200318)], customers)
    base.bystanders(company, names, contacts=150, suppliers=60)
    _number_series(company)
    _plant_customers(company)
    _plant_people_and_products(company, names)
    return company


def _number_series(company: Company) -> None:
    """Severa numbers far above Visma Business, below declared ceilings: nothing overlaps.

    The old customer interval has 49 numbers left (`series_nearly_full`).
    """
    company.tables["AcInt"] = [
        {"AcCl": 1, "AcIntProc": 1, "FrNo": 1000, "ToNo": 1999},
        {"AcCl": 1, "AcIntProc": 1, "FrNo": 10000, "ToNo": 49999},
        {"AcCl": 2, "AcIntProc": 1, "FrNo": 50000, "ToNo": 99999},
        {"AcCl": 3, "AcIntProc": 0, "FrNo": 1000, "ToNo": 8999},
    ]
    company.tables["VoSr"] = [
        {
            "VoSrNo": 1,
            "Nm": "Utgående faktura",
            "VoTp": 1,
            "FstVoNo": 100000,
            "NxtVoNo": 103211,
            "LstVoNo": 199999,
        },
        {"VoSrNo": 2, "Nm": "Kreditnota", "VoTp": 2, "FstVoNo": 200000, "NxtVoNo": 200318, "LstVoNo": 299999},
        {"VoSrNo": 3, "Nm": "Leverandørfaktura", "VoTp": 3, "FstVoNo": 1, "NxtVoNo": 8123, "LstVoNo": 0},
    ]
    company.settings |= {"nextCustomerNumber": 90021, "nextInvoiceNumber": 501801, "nextProjectNumber": 5000}


def _plant_customers(company: Company) -> None:
    business, severa = company.business_customer, company.severa_customer
    # a second copy of a linked customer: duplicate_entity, duplicate_in_system (both rows in Severa)
    business(10951, "Sørvest Sjømat AS", "934111222")
    severa("Sørvest Sjømat AS", 10951, "NO934111222MVA")
    severa("Sørvest Sjømat", None)
    # a branch with its head office's number: duplicate_entity twice, duplicate_in_system four times
    for number, name in ((10952, "Hålogaland Betong AS"), (10953, "Hålogaland Betong AS avd Harstad")):
        business(number, name, "934111333")
        severa(name, number, "NO 934 111 333 MVA")
    # other words, no number to tell by: name_differs
    for number, ours, theirs in (
        (10954, "Brødrene Fløgstad Mekaniske AS", "Fløgstad Mekaniske"),
        (10955, "Innlandet Fjernvarme AS", "Innlandet Fjernvarme og Energi AS"),
    ):
        business(number, ours, base.new_id(company))
        severa(theirs, number)
    # given up in Severa, alive here: inactive_twin
    business(10956, "Polarsirkelen Reiseliv AS")
    severa("Polarsirkelen Reiseliv AS", 90011, active=False)
    # perhaps the same company: near_duplicate
    business(10957, "Granåsen Snekkerverksted AS")
    severa("Granåsen Snekkerverksteder AS", 90012)
    # held back here, in use there: excluded_but_in_severa
    business(10958, "Nordlys Eiendom AS", "934111444", Gr5=1)
    severa("Nordlys Eiendom AS", 10958, "NO934111444MVA")
    # the Group field means something else on one row: group_field_in_use
    business(10959, "Ytre Namdal Sparebank AS", Gr5=2)
    # never got a number: code_absent
    severa("Messekontakt fra Oslo", None)
    # longer than Visma Business keeps: name_too_long, and so name_differs
    full = (
        "Stiftelsen for bevaring av verneverdige trebåter og fartøyer i Indre og Ytre Hardanger Samvirkelag"
    )
    business(10960, full[:80].rpartition(" ")[0])
    severa(full, 10960)
    # a delivery address is no customer, even with a number in the middle of Severa's series: nothing
    company.actor("Nordlys lager Alnabru", CustNo=95000, DelToAct=10001)


def _plant_people_and_products(company: Company, names: base.Names) -> None:
    # no e-mail: email_missing (will not reach Severa)
    for number in (191, 192):
        first, last = next(names.people)
        company.business_employee(number, f"{first} {last}")
    # one word is no first and last name: name_not_splittable
    company.business_employee(193, "Lagerterminal", "lager@nordlys.example")
    # a shared mailbox is not a person: nothing
    for number in (194, 195):
        first, last = next(names.people)
        company.business_employee(number, f"{first} {last}", "post@nordlys.example")
    # a short form of the name: name_differs
    company.business_employee(196, "Ole Kristian Bergset", "ole.bergset@nordlys.example")
    company.severa_user("Ole", "Bergset", "196", None)
    # nobody's user: code_absent
    company.severa_user("Integrasjon", "Tjenestebruker", None, "integrasjon@nordlys.example")
    # several work types on one product number are normal, but worth a look: code_shared
    company.work_type("Kveldsarbeid", "T001")
    company.work_type("Beredskapsvakt", "T001")
    # a product that Visma Business would receive without a number: code_absent
    company.severa_product("Gavekort", None)
    company.travel_expense("Diett utland", None)
    company.travel_expense("Kilometergodtgjørelse", "KM01")
