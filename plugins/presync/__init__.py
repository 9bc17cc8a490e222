"""Presync: may the Visma Business - Severa integration be started for this company, and if not, why?"""

__version__ = "0.1.0"
