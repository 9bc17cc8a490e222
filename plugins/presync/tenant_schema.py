"""The JSON schema of a tenant file, for editors: written from the model, so that both say the same.

python -m presync.tenant_schema > tenants/tenant.schema.json
"""

from __future__ import annotations

import json
import sys

from presync.tenants import Tenant


def schema_text() -> str:
    """Return the content of `tenants/tenant.schema.json`."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Tenant.model_json_schema(by_alias=True),
        "title": "A tenant's onboarding",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
