"""A message as people read it: what changed for which company, and where to look."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from presync.control.models import Notice
from presync.languages.cldr import number
from presync.languages.speaking import speaking
from presync.languages.texts import trn

# a full stop is no end of a sentence in "24. nov. 2026"
_SENTENCE: Final = re.compile(r"\.\s+(?=[A-ZÅÄÆÖØ])")


@dataclass(frozen=True)
class Told:
    """The notices about one company: its title, its page's address, and the notices, oldest first."""

    title: str
    address: str
    notices: Sequence[Notice]
    language: str = "en"


@dataclass(frozen=True)
class Message:
    """One message about companies; what is said of all of them is in their language, if they share one."""

    companies: Sequence[Told]

    @property
    def language(self) -> str:
        """The companies' language; English where they have several."""
        spoken = {told.language for told in self.companies}
        return spoken.pop() if len(spoken) == 1 else "en"

    @property
    def subject(self) -> str:
        """One line, without what a person would not see."""
        with speaking(self.language):
            if len(self.companies) == 1:
                one = self.companies[0]
                left = len(one.notices) - 1
                more = " " + trn("(and %(n)s more)", "(and %(n)s more)", left) if left else ""
                return f"{one.title}: {_first(one.notices[0].text)}{more}"
            changes = sum(len(told.notices) for told in self.companies)
            return trn(
                "Presync: %(n)s change at %(companies)s companies",
                "Presync: %(n)s changes at %(companies)s companies",
                changes,
                companies=number(len(self.companies)),
            )

    @property
    def text(self) -> str:
        """The message as plain text."""
        return "\n\n".join(
            "\n".join([told.title, *(f"- {each.text}" for each in told.notices), told.address])
            for told in self.companies
        )

    @property
    def page(self) -> str:
        """The message as HTML."""
        return "".join(
            f'<div lang="{told.language}"><h3><a href="{html.escape(told.address)}">'
            f"{html.escape(told.title)}</a></h3><ul>"
            + "".join(f"<li>{html.escape(each.text)}</li>" for each in told.notices)
            + "</ul></div>"
            for told in self.companies
        )

    def as_dict(self) -> Mapping[str, Any]:
        """The message for programs; `text` is what chat services show."""
        return {
            "text": f"{self.subject}\n\n{self.text}",
            "companies": [
                {
                    "tenant": told.notices[0].tenant,
                    "title": told.title,
                    "address": told.address,
                    "events": [
                        {"event": each.event, "text": each.text, "at": each.at.isoformat()}
                        for each in told.notices
                    ],
                }
                for told in self.companies
            ],
        }


def _first(text: str) -> str:
    sentence = _SENTENCE.split(text, maxsplit=1)[0].rstrip(".")
    return sentence if len(sentence) <= 120 else f"{sentence[:119]}…"
