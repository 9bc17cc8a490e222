"""What all parts of a tenant file have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Base of the file's parts: unknown keys are refused, nothing is converted or changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
