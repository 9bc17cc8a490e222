"""The JSON schemas of the files in `tenants/`, for editors: from the models, so that both say the same.

python -m presync.decisions.json_schemas tenants
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from presync.decisions.file import ExceptionsDocument
from presync.tenants.defaults import Defaults
from presync.tenants.model import Tenant

SCHEMAS: Final[dict[str, tuple[type[BaseModel], str]]] = {
    "tenant.schema.json": (Tenant, "A tenant's onboarding"),
    "defaults.schema.json": (Defaults, "What the companies of a folder share"),
    "exceptions.schema.json": (ExceptionsDocument, "Answers, waivers and confirmed pairs of a tenant"),
}


def schema_text(name: str) -> str:
    """Return the content of a schema file of `tenants/`."""
    model, title = SCHEMAS[name]
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(by_alias=True),
        "title": title,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file in SCHEMAS:
        (Path(sys.argv[1]) / file).write_text(schema_text(file), encoding="utf-8")
