"""The ledger of rows met: exact whatever its filter thinks, and small."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presync.sources.severa import seen_rows
from presync.sources.severa.registers import Invoice, Row
from presync.sources.severa.seen_rows import Filter, Ledger, digest


def invoice(guid: str, number: int) -> Invoice:
    return Invoice(guid=guid, number=number)


def kept(pages: Sequence[Sequence[Invoice]]) -> tuple[list[Row], Ledger]:
    with Ledger() as ledger:
        rows = [row for page in pages for row in ledger.sift(page, digest([r.guid for r in page]))[0]]
        return rows + ledger.settle(), ledger


PAGES = st.lists(st.lists(st.builds(invoice, st.sampled_from("abcdefghij"), st.integers(0, 2)), max_size=8))


@given(pages=PAGES, bits=st.sampled_from([64, 1 << 18]), doubtful=st.sampled_from([0, 3, 1000]))
def test_each_guid_is_kept_once_with_its_first_row(
    pages: list[list[Invoice]], bits: int, doubtful: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # a filter that is nearly always wrong must make no difference
        patch.setattr(seen_rows, "_SMALLEST_BITS", bits)
        patch.setattr(seen_rows, "_LARGEST_BITS", bits)
        patch.setattr(seen_rows, "_BITS_PER_ROW", 1)
        patch.setattr(seen_rows, "_MOST_DOUBTFUL", doubtful)
        rows, ledger = kept(pages)
    first: dict[str, Row] = {}
    differing = 0
    for row in (row for page in pages for row in page):
        differing += first.setdefault(row.guid, row) != row
    assert {row.guid: row for row in rows} == first
    assert len(rows) == len(first) == ledger.count
    assert ledger.duplicates == sum(map(len, pages)) - len(first)
    assert ledger.differing == differing


def test_a_filter_never_calls_a_known_digest_new_and_seldom_a_new_one_known() -> None:
    known, wrong = Filter(), 0
    for start in range(0, 100_000, 1000):
        fresh = known.add(digest([f"guid-{n}" for n in range(start, start + 1000)]))
        wrong += fresh.count(False)
    assert wrong < 100
    assert not any(known.add(digest([f"guid-{n}" for n in range(0, 100_000, 100)])))


def peak(rows: int) -> int:
    tracemalloc.start()
    try:
        with Ledger() as ledger:
            for start in range(0, rows, 1000):
                page = [invoice(f"guid-{n}", n) for n in range(start, start + 1000)]
                ledger.sift(page, digest([row.guid for row in page]))
            ledger.settle()
            assert ledger.count == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_hardly_grows_with_the_rows() -> None:
    peak(1000)  # whatever is imported on the way
    # a set of the guids would take well over 100 bytes for each
    assert peak(120_000) - peak(20_000) < 100_000 * 20
