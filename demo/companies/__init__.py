"""Sample companies: Nordic data drawn from a seed, with everything wrong in it planted on purpose."""

from __future__ import annotations

from pathlib import Path

from demo.companies import fjord, malaren, nordlys, saimaa

COMPANIES = {module.__name__.rpartition(".")[2]: module.draw for module in (nordlys, saimaa, malaren, fjord)}


def build(target: Path) -> None:
    """Write `<target>/<tenant>/visma_business.db` and `<target>/<tenant>/severa/*.json` of every company.

    Files that are there already are replaced by equal ones.
    """
    for tenant, draw in COMPANIES.items():
        draw().write(target / tenant)
