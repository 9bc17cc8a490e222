"""Help with the five questions "transfer all of them?" (`docs/questions.md`).

What would move, how old it is, what looks dead, which Group field could carry the mark, and what marking the
dead would change. Nothing here judges: no rule, no verdict and no certificate rests on it.
"""

from presync.questions.build import ask, exclusions
from presync.questions.model import Band, EntityQuestion, Exclusion, GroupField, Mark, Questions

__all__ = ["Band", "EntityQuestion", "Exclusion", "GroupField", "Mark", "Questions", "ask", "exclusions"]
