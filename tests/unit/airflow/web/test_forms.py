"""The seal of a form: for one user, one DAG and some hours, and nobody else can make one."""

from __future__ import annotations

import time

import pytest
from airflow.configuration import conf
from fastapi import HTTPException
from starlette.datastructures import FormData

from presync.airflow.web import forms
from presync.airflow.web.forms import Seen, read_message, require_page, seal_message, seal_page
from presync.errors import ConfigurationError

DAG = "presync__nordlys"
SEEN = Seen(7, "abc")


def form(sealed: str) -> FormData:
    return FormData([("page", sealed)])


def test_what_was_sealed_comes_back_to_the_same_user_and_dag() -> None:
    assert require_page("1", DAG, form(seal_page("1", DAG, SEEN))) == SEEN
    assert read_message("1", DAG, seal_message("1", DAG, "Done. Å")) == "Done. Å"


@pytest.mark.parametrize(("user", "dag"), [("2", DAG), ("1", "presync__fjord")])
def test_another_user_or_company_has_another_seal(user: str, dag: str) -> None:
    with pytest.raises(HTTPException) as refused:
        require_page(user, dag, form(seal_page("1", DAG, SEEN)))
    assert refused.value.status_code == 403
    assert read_message(user, dag, seal_message("1", DAG, "Done.")) == ""


def test_a_message_is_no_page_and_a_page_no_message() -> None:
    with pytest.raises(HTTPException):
        require_page("1", DAG, form(seal_message("1", DAG, "Done.")))
    assert read_message("1", DAG, seal_page("1", DAG, SEEN)) == ""


def test_a_seal_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal_page("1", DAG, SEEN)
    made = time.time()
    monkeypatch.setattr(time, "time", lambda: made + 13 * 3600)
    with pytest.raises(HTTPException):
        require_page("1", DAG, form(sealed))
    # nor does one from the future count
    monkeypatch.setattr(time, "time", lambda: made - 3600)
    with pytest.raises(HTTPException):
        require_page("1", DAG, form(sealed))


def test_another_key_seals_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal_message("1", DAG, "Done.")
    real = conf.get
    monkeypatch.setattr(
        conf, "get", lambda *names, **rest: "another key" if "secret_key" in names else real(*names, **rest)
    )
    assert read_message("1", DAG, sealed) == ""


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match="the reason is missing"):
        forms.needed(FormData([("reason", " ")]), "reason", "the reason")
    with pytest.raises(ConfigurationError, match="no file was chosen"):
        forms.file_of(FormData([("file", "text")]), "file")
