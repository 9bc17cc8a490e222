"""Which organisation answers: its guid is what a start is bound to."""

from __future__ import annotations

import msgspec

from presync.errors import PresyncError
from presync.sources.severa.client import SeveraClient


class OrganizationDetails(msgspec.Struct, frozen=True, rename="camel"):
    """What `GET /v1/organizationdetails` says of the organisation itself (docs/reference/severa.md)."""

    guid: str | None = None


async def organisation_identity(client: SeveraClient) -> dict[str, str]:
    """Return `{"organisation": guid}`, or {} if Severa does not say: all can be checked, nothing started."""
    decoder = msgspec.json.Decoder(OrganizationDetails)
    try:
        details, _ = await client.get("organizationdetails", {}, decoder)
    except PresyncError as error:
        if error.retryable:
            raise
        return {}
    guid = (details.guid or "").strip()
    return {"organisation": guid} if guid else {}
