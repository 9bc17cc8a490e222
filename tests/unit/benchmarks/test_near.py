"""The planted pairs of the benchmark, and what the product finds of them when it has to work by blocks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rapidfuzz import fuzz

from benchmarks.measuring import Observer
from benchmarks.near import names, whole
from benchmarks.near_company import CHANGES, Customer, customers, write_extracts, write_names
from benchmarks.near_names import EXTRA, REQUIRED
from benchmarks.near_quality import best, open_pairs, quality
from presync.reconcile.similar_names import search

SIZE = 3_000


@pytest.fixture(scope="module")
def everyone() -> list[Customer]:
    """The customers of a small company."""
    return list(customers(SIZE))


@pytest.fixture(scope="module")
def folder(everyone: list[Customer], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their name keys."""
    folder = tmp_path_factory.mktemp("near")
    write_names(folder, everyone)
    return folder


def name_keys(folder: Path, system: str) -> dict[int, str]:
    table = pq.read_table(folder / f"{system}.parquet")
    return dict(zip(table["number"].to_pylist(), table["key"].to_pylist(), strict=True))


def test_the_same_seed_draws_the_same_customers(everyone: list[Customer]) -> None:
    assert list(customers(SIZE)) == everyone
    assert list(customers(SIZE, seed=5)) != everyone


def test_every_change_is_planted_and_no_two_customers_share_a_name(
    everyone: list[Customer], folder: Path
) -> None:
    kinds = Counter(customer.kind for customer in everyone)
    assert set(kinds) == {*CHANGES, "linked", "business only", "severa only", "confusable"}
    assert set(CHANGES) == {*REQUIRED, *EXTRA}
    business = name_keys(folder, "business")
    assert len(business) == SIZE
    assert len(set(business.values())) > 0.99 * SIZE
    for customer in everyone:
        if customer.kind in CHANGES:
            assert customer.business != customer.severa
            assert customer.number != customer.severa_number


def test_blocks_find_the_planted_pairs_that_are_similar(
    everyone: list[Customer], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "EXACT_COMPARISONS", -1)
    assert names(Observer(), str(folder))["method"] == "blocked"
    table = pq.read_table(folder / "product.parquet")
    found = set(zip(table["business"].to_pylist(), table["severa"].to_pylist(), strict=True))
    business, severa = name_keys(folder, "business"), name_keys(folder, "severa")
    similar = [
        customer
        for customer in everyone
        if customer.kind in REQUIRED
        and fuzz.token_sort_ratio(business[customer.number], severa[customer.severa_number]) >= 90
    ]
    assert len(similar) > 300
    share = sum((c.number, c.severa_number) in found for c in similar) / len(similar)
    assert share >= 0.99
    # of those with any change at all, by the rules' own threshold
    judged = quality(open_pairs(folder, folder / "product.parquet"), 90)
    assert judged.recall("swapped words", "legal form") == 1.0
    assert judged.recall() >= 0.85
    assert judged.precision >= 0.9


def test_the_whole_reconcile_reports_the_same(tmp_path: Path) -> None:
    few = list(customers(400))
    write_names(tmp_path, few)
    write_extracts(tmp_path / "names_only", few, with_ids=False)
    assert names(Observer(), str(tmp_path))["method"] == "exact"
    assert whole(Observer(), str(tmp_path), str(tmp_path / "names_only"))["customers"] == "exact"
    alone, reported = (
        {(row["business"], row["severa"]) for row in table.to_pylist() if row["score"] >= 90}
        for table in (pq.read_table(tmp_path / f"{name}.parquet") for name in ("product", "names_only"))
    )
    assert alone == reported
    assert len(reported) > 40


def test_quality_counts_what_was_planted(tmp_path: Path) -> None:
    planted = [
        Customer("one typo", "Fjord AS", "Fjrd AS", 1),
        Customer("one typo", "Lund AS", "Lnud AS", 2),
        Customer("joined or split", "Nord Bygg", "Nordbygg", 3),
        Customer("linked", "Berg AS", "Berg AS", 4),
        Customer("confusable", None, "Fjord 2 AS", 5),
    ]
    write_names(tmp_path, planted)
    found = [
        (1, 5_000_001, 95.0),
        (3, 5_000_003, 92.0),
        (1, 5_000_005, 91.0),
        (4, 5_000_001, 80.0),
        (4, 4, 100.0),
    ]
    columns = [list(column) for column in zip(*found, strict=True)]
    pq.write_table(pa.table(columns, ["business", "severa", "score"]), tmp_path / "pairs.parquet")
    pairs = open_pairs(tmp_path, tmp_path / "pairs.parquet")
    judged = quality(pairs, 90)
    assert dict(judged.found) == {"one typo": 1, "joined or split": 1, "confusable": 1}
    assert judged.recall() == 0.5
    assert judged.precision == pytest.approx(2 / 3)
    assert quality(pairs, 0).found["chance"] == 1
    assert best(pairs).threshold == 95.0
