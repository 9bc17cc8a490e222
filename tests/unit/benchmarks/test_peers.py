"""The other tools' projects: each states every rule that is compared, and a difference is never skipped.

They are run, and held against each other, by `make bench`: their packages are not in the test environment.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from benchmarks.peers_product import RULES
from benchmarks.peers_section import agreed, lines_written

_PEERS = Path(__file__).resolve().parents[3] / "benchmarks" / "peers"
_RULES = {f"{suite}/{rule}" for suite, rules in RULES.items() for rule in rules}


def test_soda_states_every_rule() -> None:
    stated = set()
    for contract in (_PEERS / "soda" / "contracts").glob("*.yml"):
        checks = yaml.safe_load(contract.read_text(encoding="utf-8"))["checks"]
        stated |= {check["failed_rows"]["name"] for check in checks}
    assert stated == _RULES


def test_dbt_states_every_rule() -> None:
    singular = {path.stem for path in (_PEERS / "dbt" / "tests").glob("*.sql")}
    schema = (_PEERS / "dbt" / "models" / "schema.yml").read_text(encoding="utf-8")
    generic = {"__".join(name.split("__")[:2]) for name in re.findall(r"name: (\w+__\w+)", schema)}
    assert {name.replace("__", "/") for name in singular | generic} == _RULES


def test_great_expectations_states_every_rule() -> None:
    script = ast.parse((_PEERS / "great_expectations" / "validate.py").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(script) if isinstance(node, ast.Constant)}
    assert texts >= _RULES


def test_findings_that_differ_are_no_comparison() -> None:
    with pytest.raises(RuntimeError, match=r"Presync and Soda find differently.*code_missing.*\(2, None\)"):
        agreed({"Presync": {"code_missing": 2}, "dbt": {"code_missing": 2}, "Soda": {}})


def test_lines_are_counted_without_comments() -> None:
    assert 100 < int(lines_written("dbt")) < 300
    assert lines_written("Presync, everything") == "a tenant file"
