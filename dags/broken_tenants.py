"""Counts refused tenant files in an import error, and tells the fleet page which files there are.

It holds no DAG of its own, so neither costs a healthy tenant anything. Everybody who may read import errors
reads this one: what is wrong with a file is said by its own tenant's DAG, and by `presync validate`.
"""

from airflow.sdk import get_parsing_context

from presync import settings
from presync.errors import TenantFileError
from presync.fleet.sync import sync_fleet_if_possible
from presync.tenants.folder import read_folder

# a task needs one tenant's file and reads it in onboarding.py
if not get_parsing_context().dag_id:
    _found = read_folder(settings.tenants_folder())
    sync_fleet_if_possible(_found)
    if not _found.listed:
        raise TenantFileError("the folder of tenant files cannot be read, so no company is checked")
    if _found.faults:
        raise TenantFileError(
            f"tenant files that are refused: {len(_found.faults)}. These companies are not checked. Their "
            "DAGs are tagged `broken` and say why; `presync validate` names every fault."
        )
