"""How alike two names are: every kind of change, and what only looks alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presync.preview.counterparts import THRESHOLD
from presync.preview.likeness import Rarity, likeness

COMMON = {"bygg": (60, 58), "ror": (50, 55), "elektro": (70, 66), "og": (90, 80), "oslo": (12, 10)}
SURNAMES = {"hansen": (40, 41), "jansen": (20, 18), "moe": (12, 12), "lie": (9, 9), "lien": (14, 13)}
BRANDS = {"kravona": (1, 0), "krvona": (0, 1), "nordlys": (1, 0), "fjellheim": (2, 2)}
RARITY = Rarity(10_000, COMMON | SURNAMES | BRANDS)


def alike(one: str, other: str) -> float:
    return likeness(one.split(), other.split(), RARITY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hansen bygg", "hnasen bygg"),
        ("hansen bygg", "ansen bygg"),
        ("hansen bygg", "hansen byg"),
        ("hansen moe elektro", "hasnen moe elekrto"),
        ("kravona", "krvona"),
        ("hansen bygg", "bygg hansen"),
        ("fjellheim ror", "fjellheim ror"),
        ("nordlys elektro", "nord lys elektro"),
        ("hansen bygg oslo", "hansenbygg oslo"),
        ("hansen fjellheim moe elektro", "h fjellheim moe elektro"),
        ("hansen fjellheim elektro", "hansen fjellheim elek"),
    ],
)
def test_one_company_written_twice(one: str, other: str) -> None:
    assert alike(one, other) >= THRESHOLD
    assert alike(other, one) == alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hansen bygg", "hansen bygg 2"),
        ("fjellheim 1", "fjellheim 2"),
        ("fjellheim 12", "fjellheim 21"),
        ("avdeling 2023 oslo", "avdeling 2024 oslo"),
        ("hansen bygg", "hansen ror"),
        ("hansen bygg", "hansen bygg oslo"),
        ("hansen bygg", "moe hansen bygg"),
        ("hansen bygg", "jansen bygg"),
        ("lie bygg", "lien bygg"),
        ("hansen bygg", "h bygg"),
        ("kravona bygg", "fjellheim bygg"),
        ("bygg og ror", "elektro og ror"),
        ("kravona", ""),
    ],
)
def test_two_companies(one: str, other: str) -> None:
    assert alike(one, other) < THRESHOLD
    assert alike(other, one) == alike(one, other)


def test_a_rare_word_says_more_than_a_common_one() -> None:
    assert alike("kravona bygg", "kravona elektro") > alike("hansen bygg", "hansen elektro")


_WORDS = st.lists(st.sampled_from([*RARITY.counts, "x", "7", "ukjent"]), max_size=5)


@given(one=_WORDS, other=_WORDS)
def test_it_is_a_number_up_to_a_hundred_and_the_same_from_both_sides(
    one: list[str], other: list[str]
) -> None:
    score = likeness(one, other, RARITY)
    assert 0 <= score <= 100
    assert (score == 100) == (sorted(one) == sorted(other))
    assert likeness(other, one, RARITY) == pytest.approx(score)


def test_words_that_every_name_has_weigh_nothing() -> None:
    everywhere = Rarity(names=4, counts={"nordfjord": (2, 4)})
    assert 0 <= likeness(["nordfjord"], ["nordfjord", "nordfjord"], everywhere) < 100
