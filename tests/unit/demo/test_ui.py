"""`make ui` triggers the sample tenants, whatever an Airflow on SQLite answers at first."""

from __future__ import annotations

import json

import httpx
import pytest

from demo.ui import trigger


def client(answers: list[httpx.Response | Exception], asked: list[str]) -> httpx.Client:
    """A client of an Airflow that gives these answers, and what it was asked for."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["dag_run_id"])
        said = answers[len(asked) - 1]
        if isinstance(said, Exception):
            raise said
        return said

    return httpx.Client(base_url="http://airflow.test", transport=httpx.MockTransport(answer))


def test_a_run_that_was_made_under_a_500_is_met_and_not_doubled() -> None:
    asked: list[str] = []
    answers: list[httpx.Response | Exception] = [
        httpx.Response(500),
        httpx.ReadTimeout("slow"),
        httpx.Response(409),
    ]

    trigger(client(answers, asked), "presync__nordlys", pause=0)

    assert len(asked) == 3
    assert len(set(asked)) == 1


@pytest.mark.parametrize(("status", "times"), [(404, 1), (409, 1), (500, 10)])
def test_an_answer_that_stays_is_told(status: int, times: int) -> None:
    asked: list[str] = []
    answers: list[httpx.Response | Exception] = [httpx.Response(status, text="database is locked")] * 10

    with pytest.raises(RuntimeError, match=f"presync__nordlys: {status} database is locked"):
        trigger(client(answers, asked), "presync__nordlys", pause=0)

    assert len(asked) == times
