"""Who is notified of what: the part `notify` of a tenant file."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import Field, StringConstraints

from presync.tenants.model_base import Model
from presync.tenants.texts import ConnectionId, Seen

Event = Literal[
    "verdict_changed",
    "newly_critical",
    "ready",
    "approval_wanted",
    "ends_soon",
    "started",
    "start_uncertain",
    "not_checked_twice",
    "go_live_near",
]
EVENTS: Final[tuple[Event, ...]] = get_args(Event)
# no comma or line break: an address must not become two, or a header of its own
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+$", max_length=254), Seen]


class Notify(Model):
    connection: ConnectionId = Field(
        description="Airflow connection that messages go through: of type smtp, or http for a webhook."
    )
    to: list[Address] = Field(
        default_factory=list, max_length=50, description="E-mail addresses; needed with an smtp connection."
    )
    events: list[Event] = Field(
        default_factory=lambda: list(EVENTS),
        max_length=len(EVENTS),
        description="What to tell of; left out: everything.",
    )
    digest: Literal["daily"] | None = Field(
        None, description="`daily`: one message a day with all of it; left out: a message at each change."
    )
