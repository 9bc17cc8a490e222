"""Proposals tried on a copy of a run."""
