"""From both extracts to the check tables: every record with its keys, every related pair, every series.

It prepares and relates; it does not judge. Rules are stated in the suites, over these tables.
"""

from presync.reconcile.build import build

__all__ = ["build"]
