"""Confirmed pairs that contradict one another are refused: nobody can tell which one counts."""

from __future__ import annotations

from collections.abc import Iterable

from presync.decisions.model import ConfirmedPair
from presync.errors import ConfigurationError


def _refuse_contradictions(tenant: str, pairs: Iterable[ConfirmedPair]) -> None:
    said: dict[tuple[str, str, str], ConfirmedPair] = {}
    for pair in pairs:
        other = said.setdefault(pair.key, pair)
        if other.same != pair.same:
            raise ConfigurationError(
                f"of {pair.entity} {pair.business_code} and {pair.severa_guid} of tenant {tenant}, "
                f"{other.by} ({other.source}) says that they are {_word(other.same)} and {pair.by} "
                f"({pair.source}) that they are {_word(pair.same)}. Nobody can tell who is right, so nothing "
                "is checked. Take one of them back.",
                source=tenant,
            )


def refuse_second_partner(tenant: str, pairs: Iterable[ConfirmedPair]) -> None:
    """Raise ConfigurationError if a record is said to be the same as two of the other system.

    Only a product of Visma Business may be: several work types are billed under one product.
    """
    said: dict[tuple[str, ...], ConfirmedPair] = {}
    for pair in (each for each in pairs if each.same):
        entity, code, guid = pair.key
        ends = [("severa", entity, guid)]
        if entity != "products":
            ends.append(("visma_business", entity, code))
        for end in ends:
            other = said.setdefault(end, pair)
            if other.key != pair.key:
                raise ConfigurationError(
                    f"of the {entity} of tenant {tenant}, {other.by} ({other.source}) says that "
                    f"{other.business_code} is {other.severa_guid}, and {pair.by} ({pair.source}) that "
                    f"{pair.business_code} is {pair.severa_guid}: one record cannot be linked to two, and "
                    "nobody can tell which is meant. Take one of them back (presync unconfirm-pair, or in "
                    "the exceptions file).",
                    source=tenant,
                )


def _word(same: bool) -> str:
    return "the same" if same else "different"
