"""How two records of one entity relate: contradict, same, similar, alike, partners, live."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from presync.tenants.model import Entity
from tests.oracle.keys import code_key, differ_for_certain, equal_ids, folded_forms
from tests.oracle.model import Confirmed, Record, StagedData, business_records, severa_records

Pair = tuple[Record, Record]


@dataclass
class Pairing:
    """The records of one entity on both sides and every relation between them."""

    entity: Entity
    business: list[Record]
    severa: list[Record]
    confirmed: dict[tuple[int, int], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, data: StagedData, entity: Entity) -> Pairing:
        """Read the entity's records; an e-mail address that several of a system have counts for none."""
        pairing = cls(entity, business_records(data, entity), severa_records(data, entity))
        for records in (pairing.business, pairing.severa):
            owners = Counter(record.email for record in records)
            for record in records:
                record.email = record.email if owners[record.email] == 1 else None
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
            return differ_for_certain(one.id, other.id)
        if self.entity == "projects":
            return one.customer is not None and other.customer is not None and one.customer != other.customer
        return False

    def same(self, one: Record, other: Record) -> bool:
        """Tell whether the two are one thing."""
        if (said := self.said(one, other)) is not None:
            return said
        if self.contradict(one, other):
            return False
        if self.entity == "customers" and equal_ids(one.id, other.id) and not self.shared(one, other):
            return True
        if self.entity == "employees" and one.email is not None and one.email == other.email:
            return _names_have_a_word_in_common(one, other)
        return equal_names(one, other)

    def same_in_one_system(self, one: Record, other: Record) -> bool:
        """Tell whether two records of one system are one thing; there, shared ids count."""
        by_id = self.entity == "customers" and equal_ids(one.id, other.id)
        return not self.contradict(one, other) and (by_id or self.same(one, other))

    def shared(self, *records: Record) -> bool:
        """Tell whether a further customer of its own system has an id equal to that of one of the records."""
        return any(id(record) in self._sharing for record in records)

    @cached_property
    def _sharing(self) -> set[int]:
        return {
            id(record)
            for records in (self.business, self.severa)
            for record in records
            if any(other is not record and equal_ids(other.id, record.id) for other in records)
        }

    def similar(self, one: Record, other: Record) -> bool:
        """Tell whether the two names are nearly equal."""
        from rapidfuzz.fuzz import token_sort_ratio

        if not self._may_be_alike(one, other):
            return False
        folded = folded_forms(one.name_key) & folded_forms(other.name_key)
        return bool(folded) or bool(token_sort_ratio(one.name_key, other.name_key) >= 90)

    def alike(self, one: Record, other: Record) -> bool:
        """Tell whether the two are similar, or the one name has all words of the other."""
        if not self._may_be_alike(one, other):
            return False
        words, others = set(one.name_key.split()), set(other.name_key.split())
        return self.similar(one, other) or words <= others or others <= words

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

    @cached_property
    def candidates(self) -> list[Pair]:
        """Live pairs that are the same without equal codes, where neither has a partner."""
        return [
            (b, s)
            for b, s in self.live
            if self.same(b, s)
            and not equal_codes(b, s)
            and not self.is_taken(b, (b, s))
            and not self.is_taken(s, (b, s))
        ]

    def is_ambiguous(self, pair: Pair) -> bool:
        """Tell whether one of a candidate's two records is in another candidate as well."""
        if pair in self.chosen:
            return False
        return any(sum(record in other for other in self.candidates) >= 2 for record in pair)


def equal_codes(one: Record, other: Record) -> bool:
    """Tell whether the code keys are equal; no code equals nothing."""
    return one.key is not None and one.key == other.key


def equal_names(one: Record, other: Record) -> bool:
    """Tell whether the name keys are equal; an empty one equals nothing."""
    return one.name_key != "" and one.name_key == other.name_key


def _names_have_a_word_in_common(one: Record, other: Record) -> bool:
    """Tell whether one of two people's names is empty, or a word of a folded form of each is the same."""
    if one.name_key == "" or other.name_key == "":
        return True
    words, others = (
        {word for form in folded_forms(record.name_key) for word in form.split()} for record in (one, other)
    )
    return bool(words & others)
