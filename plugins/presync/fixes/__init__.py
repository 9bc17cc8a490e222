"""Corrections, addressed to the side that must change: what is proposed for each finding, and why not.

`plan.propose` computes them from a run's database and findings, `files` writes and reads them, `apply`
rehearses them on a copy of the staged data. A set of proposals is computed jointly, so that applying all of
it creates no critical finding (`docs/fixes.md`).
"""
