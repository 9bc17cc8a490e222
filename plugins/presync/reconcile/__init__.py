"""From both extracts to the check tables: it relates records and does not judge them.

Rules are stated in the suites, over these tables.
"""

from presync.reconcile.build import build

__all__ = ["build"]
