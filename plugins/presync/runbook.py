"""The runbooks that Airflow shows beside the DAGs (`doc_md`): what it does, what to do when it is red."""

from __future__ import annotations

from presync.tenants import Tenant

_TENANT = """
## {title}
Checks whether the Visma Business - Severa integration of **{title}** (tenant `{tenant}`) may be started, and
starts it, once, when everything is ready. Start: {start}. Schedule: {schedule}.

It reads both systems, compares them in one database per run, judges them with seven suites and writes a
report. The **gate** is red unless every suite was checked on complete extracts of this very run and nothing
critical stands. That is its purpose, so read its message first: it names the rules, gives examples and fixes
and links to the report (button *Presync report* on the task, tab of the run).

| red task | what it means | what to do |
|---|---|---|
| `extract_visma_business`, `extract_severa` | a system refused, did not answer, or answered with something that cannot be right | read the message: mend the connection (`{visma_business}`, `{severa}`), the access rights or the tenant file, then clear the task. A system that cannot be reached is tried again on its own |
| `reconcile` | the extracts do not fit together, or the tenant file changed in mid-run | start a new run |
| a suite | its rules could not be checked; nothing is known about them | read its log; clear it once the cause is mended |
| `report` | the report could not be written | free space or mend the storage, then clear it |
| `gate` alone | the data is not ready | have the findings mended in Visma Business or Severa, then start a new run |
| `start_integration` | refused, or nobody knows whether the call arrived | ask the integration's team. Then `presync start {tenant} --confirm --by NAME` or `--reset --by NAME`. It is never repeated on its own |

A skipped `start_integration` is fine: the run was asked only to check, or the integration was started before.
Trigger with `{{"start": false}}` to check without starting.
"""

HOUSEKEEPING = """
## Housekeeping
Removes staged data and reports of old runs, once a day. Of every tenant it keeps the newest complete runs
(`PRESYNC_KEEP_RUNS`, 10 unless set), always at least the last complete one, and whatever is younger than
a day, because it may still be at work. Red: the message names the folder that could not be removed; mend its
rights or free it, then clear the task. Nothing is lost by a day without housekeeping but space.
"""


def tenant_runbook(tenant: Tenant) -> str:
    """Return the runbook of a tenant's DAG as Markdown."""
    start = tenant.start
    if start == "manual":
        how = "by hand, recorded with a person's approval"
    elif hasattr(start, "webhook"):
        how = f"a call to the connection `{start.webhook}`"
    else:
        how = f"the DAG `{start.dag}`"
    return _TENANT.format(
        title=tenant.title,
        tenant=tenant.tenant,
        start=how,
        schedule=f"`{tenant.schedule}`" if tenant.schedule else "on demand",
        visma_business=tenant.connection_id("visma_business"),
        severa=tenant.connection_id("severa"),
    )
