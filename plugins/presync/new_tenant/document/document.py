"""The tenant file that a look at both systems begins: its text from the facts."""

from __future__ import annotations

from typing import Final

from presync.new_tenant.document.business import visma_business
from presync.new_tenant.document.draft import ANYBODY, INTEGRATOR, Draft, clipped, printable, scalar
from presync.new_tenant.document.severa import severa
from presync.new_tenant.document.transfer import transfer
from presync.new_tenant.look.facts import Looked

_LEGEND: Final = (
    ("found", "read in the systems on that day"),
    ("suggested", "a guess, with its reason: somebody who knows must confirm it"),
    (
        "OPEN 1 …",
        'a question, and who can answer it; for the answer, take the "# " in front of a setting away',
    ),
)


def document(looked: Looked, *, schema: bool = False) -> Draft:
    """Return the file's text with its summary. `schema`: the JSON schema lies beside the file."""
    draft = Draft()
    if schema:
        draft.lines.append("# yaml-language-server: $schema=tenant.schema.json")
    draft.say(f"The onboarding of {looked.tenant}, begun by `presync init`. Looked at on {looked.on}.")
    draft.table(_LEGEND)
    draft.say("All keys: tenants/README.md. No secret belongs in this file.")
    _failures(draft, looked)
    draft.blank()
    _company(draft, looked)
    draft.blank()
    visma_business(draft, looked)
    draft.blank()
    severa(draft, looked)
    draft.blank()
    transfer(draft, looked)
    draft.blank()
    _settings(draft)
    return draft


def _failures(draft: Draft, looked: Looked) -> None:
    for system, reason in (
        ("VISMA BUSINESS", looked.business_failed),
        ("SEVERA", looked.severa_failed),
    ):
        if reason:
            draft.blank()
            draft.say(f"{system} WAS NOT LOOKED AT, so nothing in this file is known about it: {reason}")


def _company(draft: Draft, looked: Looked) -> None:
    draft.put(f"tenant: {scalar(looked.tenant)}")
    found = looked.severa
    if found and (title := printable(found.name or "")[:200].strip()):
        draft.found(f"Severa calls the organisation “{clipped(title)}”")
        draft.put(f"title: {scalar(title)}")
    else:
        draft.ask(ANYBODY, "what is the company's name? Severa does not say, and every report shows it")
        draft.put(f"title: {scalar(looked.tenant)}")
    if found and found.country:
        draft.found(f"the organisation's VAT number in Severa names the country {found.country}")
        draft.put(f"country: {scalar(found.country)}")
    else:
        draft.say("Severa gives no VAT number with a country; two capital letters, only for people")
        draft.leave("country:")


def _settings(draft: Draft) -> None:
    draft.ask(
        INTEGRATOR,
        "whose values are kept where linked records differ (Master, CaseMaster, ProductMaster in the "
        "integration's settings)? Until this is known, the preview cannot say it",
    )
    draft.leave("integration: {master: visma_business}   # or severa; also case_master, product_master")
    draft.blank()
    draft.say("`privacy: masked` masks names in everything that is reported")
    draft.leave("privacy: masked")
    draft.say("A person starts the integration; or {webhook: an Airflow HTTP connection}, or {dag: a DAG}")
    draft.put("start: manual")
    draft.leave('schedule: "@hourly"   # left out: checked on demand')
