"""How two records of one entity relate: contradict, same, similar, alike, partners, live."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from presync.tenants.entities import Entity
from tests.oracle.business_ids import equal_ids, ids_differ_for_certain
from tests.oracle.keys import code_key, folded_forms
from tests.oracle.model import Confirmed, Record, StagedData, business_records, severa_records

Pair = tuple[Record, Record]


@dataclass
class Pairing:
    """The records of one entity on both sides and every relation between them."""

    entity: Entity
    business: list[Record]
    severa: list[Record]
    confirmed: dict[tuple[int, int], bool] = field(default_factory=dict)
    shared_ids: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, data: StagedData, entity: Entity) -> Pairing:
        """Read the entity's records; see which e-mail addresses and ids several records of a system have."""
        pairing = cls(entity, business_records(data, entity), severa_records(data, entity))
        for records in (pairing.business, pairing.severa):
            owners = Counter(record.email for record in records)
            for record in records:
                record.email = record.email if owners[record.email] == 1 else None
                if any(other is not record and equal_ids(other.id, record.id) for other in records):
                    pairing.shared_ids.add(id(record))
        for word in data.confirmed:
            pairing.take_word(word)
        return pairing

    def take_word(self, word: Confirmed) -> None:
        """Let a person's word count, if it names exactly one record on each side."""
        named = [b for b in self.business if b.key == code_key(word.business_code)]
        there = [s for s in self.severa if s.guid == word.severa_guid]
        if word.entity == self.entity and len(named) == 1 and len(there) == 1:
            self.confirmed[id(named[0]), id(there[0])] = word.same

    def said(self, one: Record, other: Record) -> bool | None:
        """Return whether a person says that the two are the same; None: nobody says anything."""
        return self.confirmed.get((id(one), id(other)))

    @cached_property
    def all(self) -> list[Pair]:
        """Every pair there is."""
        return [(b, s) for b in self.business for s in self.severa]

    @cached_property
    def live(self) -> list[Pair]:
        """Pairs of which neither is held back."""
        return [(b, s) for b, s in self.all if not b.excluded and s.active]

    def contradict(self, one: Record, other: Record) -> bool:
        """Tell whether something says that the two are different."""
        if self.said(one, other) is not None:
            return False
        if self.entity == "customers":
            return ids_differ_for_certain(one.id, other.id)
        if self.entity == "projects":
            return one.customer is not None and other.customer is not None and one.customer != other.customer
        return False

    def have_equal_ids(self, one: Record, other: Record) -> bool:
        """Tell whether two customers have equal ids; what a person says of a pair stands above them."""
        return self.said(one, other) is None and equal_ids(one.id, other.id)

    def has_shared_id(self, record: Record) -> bool:
        """Tell whether another customer of the record's system has an equal id."""
        return id(record) in self.shared_ids

    def same(self, one: Record, other: Record) -> bool:
        """Tell whether the two are one thing."""
        if (said := self.said(one, other)) is not None:
            return said
        if self.contradict(one, other):
            return False
        if self.have_equal_ids(one, other) and not (self.has_shared_id(one) or self.has_shared_id(other)):
            return True
        if one.email is not None and one.email == other.email and _may_be_one_person(one, other):
            return True
        return equal_names(one, other)

    def same_within_a_system(self, one: Record, other: Record) -> bool:
        """Tell whether two records of one system are one thing: here shared ids count as well."""
        return self.same(one, other) or self.have_equal_ids(one, other)

    def similar(self, one: Record, other: Record) -> bool:
        """Tell whether the two names are nearly equal."""
        from rapidfuzz.fuzz import token_sort_ratio

        if not self._may_be_alike(one, other):
            return False
        if (folded_forms(one.name_key) & folded_forms(other.name_key)) - {""}:
            return True
        return bool(token_sort_ratio(one.name_key, other.name_key) >= 90)

    def alike(self, one: Record, other: Record) -> bool:
        """Tell whether the two are similar, or the one name has all words of the other."""
        if not self._may_be_alike(one, other):
            return False
        return self.similar(one, other) or contained_words(one, other) > 0

    def _may_be_alike(self, one: Record, other: Record) -> bool:
        if self.said(one, other) is not None:
            return False
        named = one.name_key != "" and other.name_key != ""
        return named and not self.contradict(one, other) and not self.same(one, other)

    def same_or_alike(self, one: Record, other: Record) -> bool:
        """Tell whether equal codes on the two are right."""
        return self.same(one, other) or self.alike(one, other)

    @cached_property
    def partners(self) -> list[Pair]:
        """Pairs that are set up correctly, held back or not."""
        return [(b, s) for b, s in self.all if equal_codes(b, s) and self.same_or_alike(b, s)]

    @cached_property
    def _linked(self) -> set[int]:
        return {id(record) for pair in self.partners for record in pair}

    def has_partner(self, record: Record) -> bool:
        """Tell whether the record has a partner in the other system."""
        return id(record) in self._linked

    @cached_property
    def chosen(self) -> list[Pair]:
        """Live pairs that a person chose although their codes differ."""
        return [(b, s) for b, s in self.live if self.said(b, s) and not equal_codes(b, s)]

    def is_taken(self, record: Record, pair: Pair) -> bool:
        """Tell whether a record is linked, or chosen for another pair; a chosen pair is only itself."""
        if pair in self.chosen:
            return False
        return self.has_partner(record) or any(record in other for other in self.chosen)

    def taken(self, pair: Pair) -> int:
        """Return how many of a pair's two records are linked, or chosen for another pair."""
        return sum(self.is_taken(record, pair) for record in pair)

    @cached_property
    def candidates(self) -> list[Pair]:
        """Live pairs that are the same without equal codes, where neither has a partner."""
        return [
            (b, s)
            for b, s in self.live
            if self.same(b, s) and not equal_codes(b, s) and self.taken((b, s)) == 0
        ]

    def is_ambiguous(self, pair: Pair) -> bool:
        """Tell whether one of a candidate's two records is in another candidate as well."""
        if pair in self.chosen:
            return False
        return any(sum(record in other for other in self.candidates) >= 2 for record in pair)

    @cached_property
    def _with_a_live_same(self) -> set[int]:
        return {id(record) for b, s in self.live if self.same(b, s) for record in (b, s)}

    def is_same_as_a_live_one(self, record: Record) -> bool:
        """Tell whether the record is in any live pair that is the same."""
        return id(record) in self._with_a_live_same


def _may_be_one_person(one: Record, other: Record) -> bool:
    """Tell whether the names of two people with one address allow that they are one: a word in common."""
    if one.name_key == "" or other.name_key == "":
        return True
    words, others = (
        {word for form in folded_forms(record.name_key) for word in form.split()} for record in (one, other)
    )
    return bool(words & others)


def equal_codes(one: Record, other: Record) -> bool:
    """Tell whether the code keys are equal; no code equals nothing."""
    return one.key is not None and one.key == other.key


def equal_names(one: Record, other: Record) -> bool:
    """Tell whether the name keys are equal; an empty one equals nothing."""
    return one.name_key != "" and one.name_key == other.name_key


def contained_words(one: Record, other: Record) -> int:
    """Return how many different words the contained name has; 0: neither has all words of the other."""
    words, others = set(one.name_key.split()), set(other.name_key.split())
    return min(len(words), len(others)) if words <= others or others <= words else 0
