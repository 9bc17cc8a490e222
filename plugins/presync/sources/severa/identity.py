"""Which organisation answers: a start is bound to its guid, and its names are compared with the company's."""

from __future__ import annotations

from typing import Any

import msgspec

from presync.errors import PresyncError
from presync.sources.severa.client import SeveraClient


class ActiveCompany(msgspec.Struct, frozen=True, rename="camel"):
    """One of the organisation's companies."""

    name: str | None = None


class OrganizationDetails(msgspec.Struct, frozen=True, rename="camel"):
    """What `GET /v1/organizationdetails` says of the organisation itself (docs/reference/severa.md)."""

    guid: str | None = None
    name: str | None = None
    vat_number: str | None = None
    active_companies: list[ActiveCompany] | None = None


async def organisation_identity(client: SeveraClient) -> dict[str, Any]:
    """Return `{"organisation": guid, "names": […], "business_ids": […]}`, without what Severa does not say.

    Without a guid, {}: all can be checked, nothing started.
    """
    decoder = msgspec.json.Decoder(OrganizationDetails)
    try:
        details, _ = await client.get("organizationdetails", {}, decoder)
    except PresyncError as error:
        if error.retryable:
            raise
        return {}
    guid = (details.guid or "").strip()
    if not guid:
        return {}
    called = [details.name, *(company.name for company in details.active_companies or ())]
    names = list(dict.fromkeys(name.strip() for name in called if name and name.strip()))
    number = (details.vat_number or "").strip()
    said = {"names": names, "business_ids": [number] if number else []}
    return {"organisation": guid} | {what: texts for what, texts in said.items() if texts}
