"""What the first synchronisation would do to every record of both systems, and why (`docs/preview.md`)."""

from presync.preview.build import write_preview
from presync.preview.outcomes import OUTCOMES, Differing, Fate, Likely, LikelyPair, Preview, Sample, Series

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
