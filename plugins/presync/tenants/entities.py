"""The registers that a company may transfer, each with a question of its own."""

from __future__ import annotations

from typing import Final, Literal

Entity = Literal["departments", "products", "employees", "customers", "projects"]
ENTITIES: Final[tuple[Entity, ...]] = ("departments", "products", "employees", "customers", "projects")
