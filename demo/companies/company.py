"""A company being drawn: its rows in Visma Business and in Severa, written as what Presync reads."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

from demo.companies.words import Country, country
from demo.visma_business import write_company

_NAMESPACE = uuid.UUID("8f3c2f0e-52f4-5d0a-9d59-6b1f3f2f7c11")
_CURRENCY = {"NO": "NOK", "FI": "EUR", "SE": "SEK", "DK": "DKK"}
REGISTERS = (
    "customers",
    "businessunits",
    "products",
    "worktypes",
    "travelexpensetypes",
    "users",
    "projects",
    "salescases",
    "invoices",
    "invoicestatuses",
)


class Company:
    """One sample company. The same name and seed always give the same rows."""

    def __init__(self, tenant: str, title: str, country_code: str) -> None:
        self.tenant = tenant
        self.title = title
        self.country: Country = country(country_code)
        self.random = Random(tenant)
        self.tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.registers: dict[str, list[dict[str, Any]]] = {name: [] for name in REGISTERS}
        self.settings: dict[str, Any] = {
            "nextCustomerNumber": 1,
            "lastCustomerNumber": 0,
            "nextInvoiceNumber": 1,
            "lastInvoiceNumber": 0,
            "nextProjectNumber": 1,
            "lastProjectNumber": 0,
            "uniqueIdentifierForProductsAndWorktypes": False,
            "setCreditNoteInvoiceNumber": True,
        }
        self._counters: dict[str, int] = defaultdict(int)

    # Visma Business

    def actor(self, name: str, **columns: Any) -> dict[str, Any]:
        """Add a row to Actor, with the personal columns that nobody may stage."""
        number = self._next("Actor") + 10_000
        place = self.random.choice(self.country.places)
        row = {
            "ActNo": number,
            "Nm": name,
            "Shrt": name[:10].upper(),
            "Phone": f"+{self.random.randint(10**9, 10**10 - 1)}",
            "Ad1": f"{self.random.choice(self.country.surnames)} {self.random.randint(1, 99)}",
            "PNo": str(self.random.randint(10_000, 99_999)),
            "PArea": place,
            "Ctry": 1,
            "Cur": 1,
            "ChDt": _date(self.random),
            "CreDt": 20190101,
            **columns,
        }
        self.tables["Actor"].append(row)
        return row

    def business_customer(self, number: int, name: str, business_no: str = "", **columns: Any) -> None:
        """Add a customer to Visma Business only."""
        account = str(self.random.randint(10**10, 10**11 - 1))
        self.actor(name, CustNo=number, BsNo=business_no, BankAc=account, **columns)

    def business_employee(self, number: int, name: str, email: str = "", **columns: Any) -> None:
        """Add an employee to Visma Business only."""
        born = self.random.randint(1960, 2002) * 10_000 + self.random.randint(1, 12) * 100 + 15
        self.actor(name, EmpNo=number, MailAd=email, BirthDt=born, **columns)

    def unit(self, table: str, code: int | str, name: str, **columns: Any) -> None:
        """Add a row to an organisational unit, R1 to R12."""
        self.tables[table].append({"RNo": code, "Nm": name, "ChDt": _date(self.random), **columns})

    def business_product(self, code: str, name: str, **columns: Any) -> None:
        """Add a product to Visma Business only."""
        self.tables["Prod"].append({"ProdNo": code, "Descr": name, "ProdTp": 1, "StSaleUn": 1, **columns})

    # Severa

    def severa(self, register: str, **fields: Any) -> dict[str, Any]:
        """Add a row to a register of Severa; its guid follows from tenant, register and position."""
        number = self._next(register)
        row = {"guid": self.guid(register, number), **fields}
        self.registers[register].append(row)
        return row

    def guid(self, register: str, number: int) -> str:
        """Return the guid of a register's n-th row."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.tenant}/{register}/{number}"))

    def severa_customer(
        self, name: str, number: int | None, vat: str | None = None, *, active: bool = True
    ) -> dict[str, Any]:
        """Add a customer to Severa only."""
        city = self.random.choice(self.country.places)
        return self.severa(
            "customers",
            name=name,
            number=number,
            isActive=active,
            isInternal=False,
            email=None,
            vatNumber=vat,
            kvkNumber=None,
            headquarterAddress={"addressline": None, "city": city, "country": self.country.code},
        )

    def severa_user(
        self, first: str, last: str, code: str | None, email: str | None, *, active: bool = True
    ) -> dict[str, Any]:
        """Add a user to Severa only, with the personal fields that nobody may stage."""
        return self.severa(
            "users",
            firstName=first,
            lastName=last,
            code=code,
            email=email,
            isActive=active,
            title=None,
            socialSecurityNumber=str(self.random.randint(10**10, 10**11 - 1)),
            birthDate=f"{self.random.randint(1960, 2002)}-06-15",
            bankAccountNumber=str(self.random.randint(10**10, 10**11 - 1)),
            address={"addressline": f"{self.random.choice(self.country.surnames)} 1"},
        )

    def severa_unit(self, name: str, code: str | None, *, active: bool = True) -> dict[str, Any]:
        """Add a business unit to Severa only."""
        return self.severa(
            "businessunits",
            name=name,
            code=code,
            isActive=active,
            parentGuid=None,
            vatNumber=None,
            costCenter=None,
        )

    def severa_product(self, name: str, code: str | None, *, active: bool = True) -> dict[str, Any]:
        """Add a regular product to Severa only."""
        return self.severa("products", name=name, code=code, type="Materials", isActive=active)

    def work_type(self, name: str, code: str | None) -> dict[str, Any]:
        """Add a work type to Severa only."""
        return self.severa("worktypes", name=name, code=code, isActive=True, isProductive=True)

    def travel_expense(self, name: str, code: str | None) -> dict[str, Any]:
        """Add a travel-expense type to Severa only."""
        return self.severa(
            "travelexpensetypes",
            name=name,
            code=code,
            isMileage=False,
            isDailyAllowance=False,
            expenseClass=None,
            isActive=True,
        )

    def severa_project(
        self, name: str, number: int | None, customer: dict[str, Any] | None, *, closed: bool = False
    ) -> dict[str, Any]:
        """Add a project to Severa only."""
        return self.severa(
            "projects",
            name=name,
            number=number,
            customer=reference(customer),
            businessUnit=None,
            isInternal=customer is None,
            isClosed=closed,
            closedDate="2025-12-31" if closed else None,
        )

    def severa_invoice(self, number: int | None, customer: dict[str, Any], unit: str | None = None) -> None:
        """Add an invoice to Severa; without a number it is a draft."""
        status = self.registers["invoicestatuses"][0 if number is None else 1]
        self.severa(
            "invoices",
            number=number,
            date=f"2026-{self.random.randint(1, 10):02d}-15",
            status=status,
            customer=reference(customer),
            isCreditNote=False,
            invoiceNumberBusinessUnitGuid=unit,
        )

    # files

    def write(self, folder: Path) -> None:
        """Write `visma_business.db` and `severa/*.json`, each replaced as a whole."""
        self.tables["Ctry"] = [{"CtryNo": 1, "Nm": self.country.code, "ISO": self.country.code}]
        self.tables["Cur"] = [
            {"CurNo": 1, "Nm": _CURRENCY[self.country.code], "ISO": _CURRENCY[self.country.code]}
        ]
        write_company(folder / "visma_business.db", self.tables)
        details: dict[str, Any] = {
            "guid": self.guid("organizationdetails", 1),
            "name": self.title,
            "vatNumber": None,
            "activeCompanies": [],
            "activeAddons": [],
        }
        files: dict[str, Any] = {
            **self.registers,
            "organizationsettings": self.settings,
            "organizationdetails": details,
        }
        for name, content in files.items():
            _write_json(folder / "severa" / f"{name}.json", content)

    def _next(self, series: str) -> int:
        self._counters[series] += 1
        return self._counters[series]


def reference(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return how Severa names a customer inside of another record."""
    return {name: row[name] for name in ("guid", "name", "number")} if row else None


def _date(random: Random) -> int:
    return random.randint(2021, 2025) * 10_000 + random.randint(1, 12) * 100 + random.randint(1, 28)


def _write_json(path: Path, content: Any) -> None:
    """Write an array with a row on each line, so that two versions compare well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, list):
        text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in content) + "\n]\n"
    else:
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    scratch = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(path)
