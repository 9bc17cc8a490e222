"""The orderly part of a sample company: records that both systems hold under the same number.

Everything that a rule could object to is planted afterwards, by the company's own module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from demo.companies.company import Company, reference
from demo.companies.naming import customer_names, people, product_names, project_names

_FOLDED = str.maketrans("åäæöøéü", "aaaooeu")


@dataclass(frozen=True)
class Names:
    """Names that nobody bears yet."""

    customers: Iterator[str]
    people: Iterator[tuple[str, str]]
    products: Iterator[str]
    projects: Iterator[str]


def names_for(company: Company) -> Names:
    """Return the names of a company's country in an order of its own."""
    country, random = company.country, company.random
    return Names(
        customer_names(country, random),
        people(country, random),
        product_names(country, random),
        project_names(country, random),
    )


def new_id(company: Company) -> str:
    """Return an organisation number that no customer of the company has."""
    taken = {row.get("BsNo") for row in company.tables["Actor"]}
    while (number := company.country.business_id(company.random)) in taken:
        pass
    return number


def linked_customers(
    company: Company, names: Names, numbers: Iterable[int], **columns: Any
) -> list[dict[str, Any]]:
    """Add customers that are set up correctly, some spelled a little differently; return Severa's rows."""
    rows = []
    for number in numbers:
        name, business_no = next(names.customers), new_id(company)
        company.business_customer(number, name, business_no, **columns)
        vat = company.country.vat_number(business_no) if company.random.random() < 0.8 else None
        rows.append(company.severa_customer(_spelled_differently(company, name), number, vat))
    return rows


def business_customers(company: Company, names: Names, numbers: Iterable[int], **columns: Any) -> None:
    """Add customers that only Visma Business holds."""
    for number in numbers:
        company.business_customer(number, next(names.customers), new_id(company), **columns)


def linked_employees(company: Company, names: Names, numbers: Iterable[int], *, left: bool = False) -> None:
    """Add employees under the same number and e-mail; those who left are marked and inactive."""
    for number in numbers:
        first, last = next(names.people)
        email = email_of(company, first, last)
        company.business_employee(number, f"{first} {last}", email, Gr3=int(left))
        company.severa_user(first, last, str(number), email.title(), active=not left)


def email_of(company: Company, first: str, last: str) -> str:
    """Return a person's e-mail address at the company."""
    return f"{first}.{last}@{company.tenant}.example".lower().translate(_FOLDED)


def departments(company: Company, table: str = "R1", step: int = 10) -> None:
    """Add the country's departments to both systems, and the company itself above them in Severa."""
    company.severa_unit(company.title, None)
    for position, name in enumerate(company.country.departments, 1):
        company.unit(table, position * step, name)
        company.severa_unit(name, str(position * step))


def products(company: Company, names: Names, linked: int, business_only: int) -> None:
    """Add services as work types, goods as regular products, and goods that Severa does not know."""
    for position, name in enumerate(company.country.services, 1):
        company.business_product(f"T{position:03}", name)
        company.work_type(name, f"t{position:03}" if position % 4 == 0 else f"T{position:03}")
    for position, name in enumerate(islice(names.products, linked), 1):
        company.business_product(f"V{1000 + position}", name)
        company.severa_product(name, f"V{1000 + position}")
    for position, name in enumerate(islice(names.products, business_only), 1):
        company.business_product(f"X{position:04}", name)


def linked_projects(
    company: Company,
    names: Names,
    numbers: Sequence[int],
    customers: Sequence[dict[str, Any]],
    table: str = "R2",
) -> list[dict[str, Any]]:
    """Add projects of the given customers to both systems; some are closed. Return Severa's rows."""
    rows = []
    for number in numbers:
        name, customer = next(names.projects), company.random.choice(customers)
        code = str(number) if table == "R7" else number
        company.unit(table, code, name, CustNo=customer["number"], Rsp=101)
        rows.append(company.severa_project(name, number, customer, closed=company.random.random() < 0.15))
    return rows


def sales_cases(
    company: Company, names: Names, numbers: Iterable[int], won: Iterable[dict[str, Any]]
) -> None:
    """Add sales cases; a won one has become a project and keeps its guid."""
    for project in won:
        company.registers["salescases"].append(dict(project))
    for number in numbers:
        customer = company.random.choice(company.registers["customers"])
        company.severa(
            "salescases",
            name=next(names.projects),
            number=number,
            customer=reference(customer),
            isClosed=False,
        )


def invoice_statuses(company: Company) -> None:
    """Add the statuses that invoices pass through."""
    for name, sent, waiting, paid in (
        ("Draft", False, False, False),
        ("Sent", True, True, False),
        ("Paid", True, False, True),
    ):
        company.severa("invoicestatuses", name=name, isSent=sent, isWaitingPayment=waiting, isPaid=paid)


def severa_invoices(
    company: Company, numbers: Iterable[int], customers: Sequence[dict[str, Any]], unit: str | None = None
) -> None:
    """Add invoices with these numbers, and a draft for each fiftieth."""
    for position, number in enumerate(numbers):
        company.severa_invoice(number, company.random.choice(customers), unit)
        if position % 50 == 0:
            company.severa_invoice(None, company.random.choice(customers))


def business_invoices(company: Company, numbers: Iterable[int], customers: Sequence[dict[str, Any]]) -> None:
    """Add customer transactions: invoices, payments without a number, and old ones with letters in theirs."""
    for number in numbers:
        invoice = str(number) if company.random.random() < 0.97 else f"KID-{number}"
        for document in (invoice, "") if company.random.random() < 0.3 else (invoice,):
            position = len(company.tables["CustTr"]) + 1
            company.tables["CustTr"].append(
                {
                    "TrNo": position,
                    "CustNo": company.random.choice(customers)["number"],
                    "VoNo": 400_000 + position,
                    "VoDt": 20250000 + company.random.randint(1, 12) * 100 + 15,
                    "InvoNo": document,
                    "AmDom": company.random.randint(500, 90_000),
                }
            )


def bystanders(company: Company, names: Names, contacts: int, suppliers: int) -> None:
    """Add rows of Actor that are neither customer nor employee: contact persons and suppliers."""
    for first, last in islice(names.people, contacts):
        company.actor(f"{first} {last}", LiaAct=company.random.choice(company.tables["Actor"])["ActNo"])
    for position, name in enumerate(islice(names.customers, suppliers)):
        company.actor(name, SupNo=60_000 + position, BsNo=new_id(company))


def _spelled_differently(company: Company, name: str) -> str:
    """Return the name as another person would have typed it: the same one, by the rules."""
    form = company.country.form
    core = name.removesuffix(f" {form}")
    ways = [name, name, name, core, core.upper() + f" {form}", f"{core}, {form}"]
    return company.random.choice([*ways, f"{core} A/S"] if company.country.code == "NO" else ways)
