"""Proposed corrections, computed together, so that applying all of them breaks no rule.

`propose.propose` computes them from a run's database and findings, `apply` rehearses them on a copy of the
staged data (`docs/fixes.md`).
"""
