"""The rules by brute force: plain loops over all pairs, written from the text of the rules alone.

The product's SQL and suites are tested against it. Where the text leaves a choice, `READINGS.md` says
which one was made. It is slow on purpose and shares no code with the product but the staged shapes.
"""

from tests.oracle.findings import findings, status
from tests.oracle.model import Finding, StagedData
from tests.oracle.numbers import proposal

__all__ = ["Finding", "StagedData", "findings", "proposal", "status"]
