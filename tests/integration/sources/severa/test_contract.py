"""The contract: the stand-in's answers and the client's rows are the models of the API's description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import httpx
import msgspec
import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from demo.companies import COMPANIES, build
from presync.errors import SourceDataError
from presync.sources.severa.registers import REGISTERS, OrganizationSettings, Register
from presync.sources.severa.responses import Answer, decode
from tests.support.severa_contract import ROWS, ErrorAnswer, Model, TokenAnswer
from tests.support.severa_contract import OrganizationSettings as SettingsContract
from tests.support.severa_server import NO_LIMIT, SeveraProcess, start_severa

JSON = {"content-type": "application/json"}
EXAMPLES: dict[Any, Any] = {str: "some-text", int: 7, bool: True}


def example(field: FieldInfo) -> Any:
    """A value that the contract allows for a field."""
    for kind in [field.annotation, *get_args(field.annotation)]:
        inner = get_args(kind)[0] if kind not in EXAMPLES and get_args(kind) else kind
        if inner in EXAMPLES:
            return EXAMPLES[inner]
        if isinstance(inner, type) and issubclass(inner, Model):
            return full(inner)
    raise AssertionError(field)


def full(model: type[Model]) -> dict[str, Any]:
    """A row with every field of the contract and one that nobody knows."""
    return {**{name: example(field) for name, field in model.model_fields.items()}, "unknown": {"new": [1]}}


def read(route: str, rows: list[Any]) -> list[Any]:
    register = next(register for register in REGISTERS if register.route == route)
    decoder = msgspec.json.Decoder(list[register.row])  # type: ignore[name-defined]
    return decode(Answer(route, 200, JSON, json.dumps(rows).encode()), decoder)


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.route)
def test_the_client_reads_only_fields_of_the_contract_and_agrees_on_those_that_may_lack(
    register: Register,
) -> None:
    contract = ROWS[register.route].model_fields
    for field in msgspec.structs.fields(register.row):
        assert field.encode_name in contract
        if field.encode_name != "customer":  # a reference may be there without what we want of it
            assert field.required == contract[field.encode_name].is_required()


@pytest.mark.parametrize("route", ROWS)
def test_the_client_takes_whatever_the_contract_allows(route: str) -> None:
    row, model = full(ROWS[route]), ROWS[route]
    assert read(route, [row])[0].guid == "some-text"
    for name, field in model.model_fields.items():
        if field.is_required():
            continue
        assert read(route, [row | {name: None}])
        assert read(route, [{key: value for key, value in row.items() if key != name}])


@pytest.mark.parametrize("route", ROWS)
def test_the_client_refuses_what_the_contract_refuses_and_says_where(route: str) -> None:
    register = next(register for register in REGISTERS if register.route == route)
    row = {**full(ROWS[route]), "guid": "g-7"}
    for name in (field.encode_name for field in msgspec.structs.fields(register.row)):
        lacking = {key: value for key, value in row.items() if key != name}
        bad = [row | {name: [1]}, *([lacking] if ROWS[route].model_fields[name].is_required() else [])]
        for wrong in bad:
            with pytest.raises(ValidationError):
                ROWS[route].model_validate(wrong)
            with pytest.raises(SourceDataError) as caught:
                read(route, [full(ROWS[route]), wrong])
            assert all(word in str(caught.value) for word in (f"/v1/{route}", "row 2", name))
            assert name == "guid" or "g-7" in str(caught.value)


def test_the_counters_are_those_of_the_contract() -> None:
    contract = SettingsContract.model_fields
    assert {field.encode_name for field in msgspec.structs.fields(OrganizationSettings)} <= set(contract)
    assert msgspec.json.decode(json.dumps(full(SettingsContract)), type=OrganizationSettings)


@pytest.fixture(scope="module")
def companies_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeveraProcess]:
    """The sample companies behind the stand-in, each with a client named like it."""
    folder = tmp_path_factory.mktemp("companies")
    build(folder)
    clients = {name: {"secret": "a secret", "data": f"{name}/severa"} for name in COMPANIES}
    with start_severa(folder, {**NO_LIMIT, "clients": clients}) as server:
        yield server


@pytest.mark.parametrize("company", COMPANIES)
def test_the_stand_ins_answers_keep_the_contract(company: str, companies_server: SeveraProcess) -> None:
    with httpx.Client(base_url=companies_server.api) as http:
        login = http.post("/v1/token", json={"client_id": company, "client_secret": "a secret"})
        assert TokenAnswer.model_validate(login.json())
        refused = http.get("/v1/customers")
        assert ErrorAnswer.model_validate(refused.json()).error.httpStatusCode == 401
        http.headers["Authorization"] = f"Bearer {login.json()['access_token']}"
        for route, model in ROWS.items():
            rows = http.get(f"/v1/{route}", params={"rowCount": 1000}).json()
            assert rows or route in {"salescases", "travelexpensetypes"}
            TypeAdapter(list[model]).validate_python(rows)  # type: ignore[valid-type]
        SettingsContract.model_validate(http.get("/v1/organizationsettings").json())
