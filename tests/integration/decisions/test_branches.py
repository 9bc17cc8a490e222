"""One answer for a whole group: who is who among records that could each be several."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from presync.cli.main import ERROR, FINE, main
from presync.control.findings import SeenFinding, record_findings
from presync.control.runs import record_run
from presync.decisions.branches import ambiguous_groups
from presync.decisions.record import given_pairs
from presync.staging.store import RunStore
from tests.support import report_samples as samples

BEGAN = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)


def guid(number: int) -> str:
    return f"{0:08}-0000-0000-0000-{number:012}"


@pytest.fixture(autouse=True)
def _known(control_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in which customers 1 to 3 could each be any of three, and customer 7 be two others."""
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path))
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    samples.publish_database(RunStore("nordlys", "r1"))
    record_run(
        tenant="nordlys", run_id="r1", status="blocked", started_at=BEGAN, finished_at=BEGAN,
        rules_version="1", build_id="b1", critical=11, warning=0, counts={},
    )  # fmt: skip
    pairs = [(code, other) for code in (1, 2, 3) for other in (1, 2, 3)] + [(7, 7), (7, 8)]
    found = [
        SeenFinding(
            f"{code}-{other}", "customers", "ambiguous_match", "critical", str(10000 + code), guid(other),
            values_digest="v1",
        )
        for code, other in pairs
    ]  # fmt: skip
    record_findings("nordlys", "r1", BEGAN, found)


def branches(*customers: str) -> int:
    return main(["branches", "nordlys", *customers, "--reason", "asked the head office", "--by", "Kari"])


def test_what_hangs_together_is_a_group() -> None:
    first, second = ambiguous_groups("nordlys")
    assert (len(first.findings), first.codes) == (9, ("10001", "10002", "10003"))
    assert (second.codes, second.guids) == (("10007",), (guid(7), guid(8)))


def test_one_answer_says_it_of_all_pairs() -> None:
    assert branches(f"10001={guid(2)}", f"10002={guid(1).upper()}", "10003=none") == FINE
    said = {(pair.business_code, pair.severa_guid): pair.same for pair in given_pairs("nordlys")}
    assert len(said) == 9
    assert [pair for pair, same in said.items() if same] == [("10001", guid(2)), ("10002", guid(1))]


@pytest.mark.parametrize(
    ("customers", "says"),
    [
        ([f"10001={guid(2)}"], "nothing is said of 10002, 10003"),
        ([f"10001={guid(7)}", "10002=none", "10003=none"], "does not belong to it"),
        (["10001=none", "10002=none", "10003=none", "10007=none"], "10007 does not belong to it"),
        ([f"10001={guid(1)}", f"10002={guid(1)}", "10003=none"], "cannot be linked to two"),
        (["10044=none"], "none of these customers could be several"),
        (["10001"], "is not CODE=GUID"),
    ],
)
def test_half_an_answer_is_none(capsys: pytest.CaptureFixture[str], customers: list[str], says: str) -> None:
    assert branches(*customers) == ERROR
    assert says in capsys.readouterr().err
    assert given_pairs("nordlys") == []
