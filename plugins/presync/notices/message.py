"""A message as people read it: what changed for which company, and where to look."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from presync.control.models import Notice
from presync.report.wording import plural


@dataclass(frozen=True)
class Told:
    """The notices about one company: its title, its page's address, and the notices, oldest first."""

    title: str
    address: str
    notices: Sequence[Notice]


@dataclass(frozen=True)
class Message:
    """One message about one or more companies."""

    companies: Sequence[Told]

    @property
    def subject(self) -> str:
        """One line, without what a person would not see."""
        if len(self.companies) == 1:
            one = self.companies[0]
            more = f" (and {len(one.notices) - 1} more)" if len(one.notices) > 1 else ""
            return f"{one.title}: {_first(one.notices[0].text)}{more}"
        changes = sum(len(told.notices) for told in self.companies)
        return f"Presync: {plural(changes, 'change', 'changes')} at {len(self.companies)} companies"

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
            f'<h3><a href="{html.escape(told.address)}">{html.escape(told.title)}</a></h3><ul>'
            + "".join(f"<li>{html.escape(each.text)}</li>" for each in told.notices)
            + "</ul>"
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
    sentence = text.partition(". ")[0].rstrip(".")
    return sentence if len(sentence) <= 120 else f"{sentence[:119]}…"
