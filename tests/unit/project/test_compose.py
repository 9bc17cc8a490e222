"""The production stack's description agrees with itself and with the code, as far as no engine is needed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from presync import settings
from presync.settings import HOME
from tests.support.patience import PATIENCE

AIRFLOW_SERVICES = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = YAML(typ="safe", pure=True).load((HOME / "docker-compose.yml").read_text())
    return document


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (HOME / "Dockerfile").read_text()


def example_environment() -> dict[str, str]:
    lines = (HOME / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_services(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == AIRFLOW_SERVICES | {"postgres", "redis"}
    for name, service in compose["services"].items():
        assert name == "init" or service["healthcheck"]["test"]


def test_every_airflow_service_has_the_same_image_environment_and_volumes(compose: dict[str, Any]) -> None:
    services = [compose["services"][name] for name in sorted(AIRFLOW_SERVICES)]

    for key in ("image", "build", "env_file", "volumes"):
        assert all(service[key] == services[0][key] for service in services), key
    environments = [compose["services"][name]["environment"] for name in sorted(AIRFLOW_SERVICES - {"init"})]
    assert all(environment == environments[0] for environment in environments)
    init = compose["services"]["init"]["environment"]
    assert {name for name in init if init[name] != environments[0][name]} == {"PRESYNC_DATABASE_URL"}
    for name in AIRFLOW_SERVICES - {"init"}:
        assert compose["services"][name]["depends_on"] == {
            "init": {"condition": "service_completed_successfully"}
        }


def test_named_volumes_exist_and_host_files_too(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (HOME / source).exists() if source.startswith(".") else source in compose["volumes"]


def test_every_variable_is_in_the_example_and_secrets_have_no_default(compose: dict[str, Any]) -> None:
    text = (HOME / "docker-compose.yml").read_text()
    example = example_environment()
    names = set(re.findall(r"(?<!\$)\$\{(\w+)", text)) | set(re.findall(r"\$\$(PRESYNC_\w+)", text))

    assert names == set(example)
    for name, value in example.items():
        if re.search("PASSWORD|KEY|SECRET", name):
            assert value == ""
            assert f"${{{name}:-" not in text


def test_settings_are_those_that_the_code_reads(compose: dict[str, Any]) -> None:
    environment = compose["services"]["worker"]["environment"]
    ours = {name for name in environment if name.startswith("PRESYNC_")}

    fields = [field for kind in (settings.Places, settings.Numbers) for field in kind.model_fields.values()]
    read = {str(field.validation_alias): field.default for field in fields}
    assert ours == set(read) == set(re.findall(r"PRESYNC_\w+", str(settings.__doc__)))
    numbers = {str(field.validation_alias) for field in settings.Numbers.model_fields.values()}
    for name in numbers:
        default = "" if read[name] is None else read[name]
        assert environment[name] == f"${{{name}:-{default}}}"
        assert example_environment()[name] == str(default)
    assert Path(environment["PRESYNC_EXPECTATIONS"]).name == "expectations"
    assert environment["PRESYNC_DATABASE_URL"].endswith("/presync")
    created = (HOME / "scripts" / "create-databases.sql").read_text()
    assert set(re.findall(r"\\getenv \w+ (\w+)", created)) | {"POSTGRES_PASSWORD"} == set(
        compose["services"]["postgres"]["environment"]
    )
    # what is empty here does not come from .env
    assert environment["POSTGRES_PASSWORD"] == environment["CONTROL_OWNER_PASSWORD"] == ""
    assert "//presync_run:" in environment["PRESYNC_DATABASE_URL"]
    assert not re.search("POSTGRES_PASSWORD|OWNER", " ".join(map(str, environment.values())))
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://api-server:8080/execution/"


def test_airflow_settings_exist(compose: dict[str, Any]) -> None:
    from airflow.configuration import conf

    known = conf.configuration_description
    for name in compose["services"]["worker"]["environment"]:
        if name.startswith("AIRFLOW__"):
            _, group, option = name.split("__", 2)
            assert option.lower() in known[group.lower()]["options"], name


def test_every_command_is_one(compose: dict[str, Any]) -> None:
    from airflow.cli.cli_parser import get_parser

    from presync.cli.main import parse

    commands = [
        service["command"] for name, service in compose["services"].items() if name in AIRFLOW_SERVICES
    ]
    for command in commands:
        lines = [command] if command[0] == "airflow" else shell_commands(command[-1])
        for program, *arguments in lines:
            assert program in {"airflow", "presync"}
            understand = get_parser().parse_args if program == "airflow" else parse
            understand(arguments)


def shell_commands(script: str) -> list[list[str]]:
    joined = script.replace("\\\n", " ").replace("$$", "$")
    parts = [part for line in joined.splitlines() for part in re.split(r"\|\||\|", line)]
    return [words for words in map(shlex.split, parts) if words and words[0] != "grep"]


def test_health_checks_name_jobs_that_exist(compose: dict[str, Any]) -> None:
    from airflow.jobs.dag_processor_job_runner import DagProcessorJobRunner
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
    from airflow.jobs.triggerer_job_runner import TriggererJobRunner

    runners: dict[str, Any] = {
        "scheduler": SchedulerJobRunner,
        "dag-processor": DagProcessorJobRunner,
        "triggerer": TriggererJobRunner,
    }
    for service, runner in runners.items():
        assert f"--job-type {runner.job_type} " in compose["services"][service]["healthcheck"]["test"][1]


def test_image_holds_what_the_code_needs(dockerfile: str) -> None:
    assert "pip install --no-cache-dir --compile -r requirements.txt" in dockerfile
    for folder in ("plugins", "dags", "expectations", "tenants"):
        assert f"COPY {folder} {folder}" in dockerfile
        assert (HOME / folder).is_dir()
        assert f"!{folder}" in (HOME / ".dockerignore").read_text().splitlines()
    assert "unixodbc" in dockerfile
    major, minor = re.findall(r"FROM python:(\d+)\.(\d+)-", dockerfile)[0]
    assert (3, 11) <= (int(major), int(minor)) < (3, 14)


def test_requirements_are_pinned_complete_and_name_no_host() -> None:
    import tomllib

    text = (HOME / "requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE))
    wanted = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["dependencies"]
    for requirement in wanted:
        name, version = re.match(r"([\w.-]+)(?:\[.*\])?(?:==(.+))?", requirement).groups()  # type: ignore[union-attr]
        assert version in {None, pinned[name.replace(".", "-")]}
    assert pinned["celery"].startswith("5.6.")
    for file in ("requirements.txt", "requirements-dev.txt"):
        assert not re.search(r"https?://|--(extra-)?index|--find-links", (HOME / file).read_text())


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
def test_docker_compose_accepts_the_form(tmp_path: Path) -> None:
    shutil.copy(HOME / "docker-compose.yml", tmp_path)
    filled = {name: value or "filled" for name, value in example_environment().items()}
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in filled.items()))

    done = subprocess.run(
        ["docker-compose", "config", "-q"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert done.returncode == 0, done.stderr
