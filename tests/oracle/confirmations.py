"""What people may say of a random tenant's pairs: the same or different, right or wrong, of any two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from presync.decisions.model import ConfirmedPair, names_digest
from presync.tenants.entities import ENTITIES
from tests.oracle.keys import code_key
from tests.oracle.model import Confirmed, Record, StagedData, business_records, severa_records
from tests.oracle.pairs import Pairing
from tests.oracle.random_tenants import random_tenant


def confirmed_tenants() -> st.SearchStrategy[StagedData]:
    """Draw a tenant of whose pairs people say something; half of it of pairs that a rule relates anyway."""
    return st.randoms(use_true_random=True).map(_confirmed)


def _confirmed(random: Random) -> StagedData:
    data = random_tenant(random)
    words: dict[tuple[str, str | None, str], Confirmed] = {}
    for entity in ENTITIES:
        pairing = Pairing.of(data, entity)
        related = [(b, s) for b, s in pairing.all if pairing.same(b, s) or b.key == s.key]
        for pairs in (pairing.all, related):
            for business, severa in random.sample(pairs, min(len(pairs), random.randint(0, 2))):
                said = random.random() < 0.6
                word = Confirmed(entity, business.raw_code, severa.guid, said)
                words[entity, code_key(business.raw_code), severa.guid] = word
    return replace(data, confirmed=list(words.values()))


def as_given(data: StagedData) -> list[ConfirmedPair]:
    """Return the words as Presync gets them: with the names that the records had."""
    return [_given(data, word) for word in data.confirmed]


def _given(data: StagedData, word: Confirmed) -> ConfirmedPair:
    business = _name(b for b in business_records(data, word.entity) if b.key == code_key(word.business_code))
    severa = _name(s for s in severa_records(data, word.entity) if s.guid == word.severa_guid)
    digest = names_digest(business, severa, *_ids(data, word))
    return ConfirmedPair(
        word.entity, word.business_code, word.severa_guid, word.same, digest, "known", "a person"
    )


def _ids(data: StagedData, word: Confirmed) -> tuple[str, str]:
    """Return what tells the two apart besides their names: business ids, or the projects' customers."""
    if word.entity == "customers":
        ours = data.rows("visma_business", "associates"), "customer_no", "business_no"
        theirs = data.rows("severa", "customers"), "vat_number"
    elif word.entity == "projects":
        ours = data.rows("visma_business", "projects"), "code", "customer"
        theirs = data.rows("severa", "salescases") + data.rows("severa", "projects"), "customer_number"
    else:
        return "", ""
    rows, code, column = ours
    one = [
        row[column]
        for row in rows
        if row[code]
        and code_key(row[code]) == code_key(word.business_code)
        and (word.entity == "projects" or row["delivery_to"] in {None, 0})
    ]
    other = [row[theirs[1]] for row in theirs[0] if row["guid"] == word.severa_guid]
    return _text(next(iter(one), None)), _text(next(reversed(other), None))


def _text(value: object) -> str:
    """Return a value as it is written; 0 is a customer's number like any other."""
    return "" if value is None else str(value)


def _name(records: Iterator[Record]) -> str:
    return next((record.raw_name for record in records), "")
