"""A question is assigned by user name; under FAB the API server turns the name into FAB's number."""

from __future__ import annotations

import httpx
from airflow.api_fastapi.auth.tokens import JWTGenerator

from tests.support.airflow_server import JWT_SECRET, AirflowServer

RUNS = "/api/v2/dags/presync__nordlys/dagRuns"


def test_the_user_whose_name_is_assigned_answers_and_nobody_else(server: AirflowServer) -> None:
    headers = {"Authorization": f"Bearer {server.token('admin')}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as admin:
        for run, name in (("theirs", "Editor"), ("ours", "ADMIN")):
            server.trigger("presync__nordlys", run)
            tasks = admin.get(f"{RUNS}/{run}/taskInstances").raise_for_status().json()["task_instances"]
            _ask(server, tasks[0]["id"], [{"id": each, "name": each} for each in (name, "nobody-at-all")])

        asked = admin.get(_question("theirs")).raise_for_status().json()["assigned_users"]
        assert asked[0].pop("id").isdecimal()
        assert asked == [{"name": "Editor"}, {"id": "nobody-at-all", "name": "nobody-at-all"}]
        answer = {"chosen_options": ["Approve"], "params_input": {}}
        refused = admin.patch(_question("theirs"), json=answer)
        assert (refused.status_code, "not a respondent" in refused.text) == (403, True)
        answered = admin.patch(_question("ours"), json=answer).raise_for_status().json()
        assert answered["responded_by"]["name"] == "admin"


def _question(run: str) -> str:
    return f"{RUNS}/{run}/taskInstances/gate/-1/hitlDetails"


def _ask(server: AirflowServer, task: str, assigned: list[dict[str, str]]) -> None:
    """Put a question as a task does."""
    token = JWTGenerator(
        secret_key=JWT_SECRET, audience="urn:airflow.apache.org:task", valid_for=600, issuer=None
    ).generate({"sub": task, "scope": "execution"})
    question = {
        "ti_id": task,
        "options": ["Approve", "Reject"],
        "subject": "?",
        "body": "",
        "assigned_users": assigned,
    }
    httpx.post(
        f"{server.url}/execution/hitlDetails/{task}",
        json=question,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ).raise_for_status()
