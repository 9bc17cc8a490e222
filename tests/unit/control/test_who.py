"""A name on the trail has no blanks that would make two people of one."""

from __future__ import annotations

from presync.control.who import Who, as_who


def test_a_bare_name_is_one_that_somebody_typed() -> None:
    assert as_who("  Kari \n Nordmann ") == Who("Kari Nordmann", "typed")


def test_how_sure_it_is_stays() -> None:
    assert as_who(Who(" kari ", "airflow")) == Who("kari", "airflow")
    assert as_who(Who("Kari", "typed", "root@host")).account == "root@host"
