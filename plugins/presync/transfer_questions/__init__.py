"""Facts that help to answer the five questions "transfer all of them?".

What would move, how old it is, what looks unused, which Group field could carry the mark, and what marking
the unused would change (`docs/questions.md`). Nothing here judges: no rule, verdict or certificate rests
on it.
"""

from presync.transfer_questions.ask import ask, exclusions
from presync.transfer_questions.model import Band, EntityQuestion, Exclusion, GroupField, Mark, Questions

__all__ = ["Band", "EntityQuestion", "Exclusion", "GroupField", "Mark", "Questions", "ask", "exclusions"]
