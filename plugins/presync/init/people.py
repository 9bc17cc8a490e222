"""Who can answer a question that is left open."""

from __future__ import annotations

from typing import Final

ANYBODY: Final = "anybody"
COMPANY: Final = "the company"
ACCOUNTANT: Final = "the company's accountant"
INTEGRATOR: Final = "whoever sets up the integration"
OWNER: Final = "whoever knows this installation of Visma Business"
ADMINISTRATOR: Final = "whoever administers Severa"
NUMBERING: Final = "whoever sets Severa's counters, with the company's accountant"
