"""What the first synchronisation would do to every record, and why."""

from presync.preview.outcomes import OUTCOMES, Differing, Fate, Likely, LikelyPair, Preview, Sample, Series
from presync.preview.write import write_preview

__all__ = [
    "OUTCOMES",
    "Differing",
    "Fate",
    "Likely",
    "LikelyPair",
    "Preview",
    "Sample",
    "Series",
    "write_preview",
]
