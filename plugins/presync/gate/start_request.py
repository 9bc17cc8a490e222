"""What the receiver of a start is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOURCE: Final = "start_integration"


@dataclass(frozen=True)
class StartRequest:
    """What the receiver is told; no personal data."""

    tenant: str
    title: str
    run_id: str
    certificate: str
    idempotency_key: str

    def body(self) -> dict[str, str]:
        """Return the call's JSON body, or the `conf` of the triggered DAG."""
        return {
            "tenant": self.tenant,
            "title": self.title,
            "run_id": self.run_id,
            "certificate": self.certificate,
            "idempotency_key": self.idempotency_key,
        }
