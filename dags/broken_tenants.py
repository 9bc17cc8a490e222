"""Makes broken tenant files visible: raises their faults, which Airflow shows as this file's import error.

It holds no DAG of its own, so the import error costs no healthy tenant anything.
"""

from airflow.sdk import get_parsing_context

from presync import settings
from presync.errors import TenantFileError
from presync.tenants.folder import read_folder

# a task needs one tenant's file and reads it in onboarding.py
_faults = [] if get_parsing_context().dag_id else read_folder(settings.tenants_folder()).faults
if _faults:
    raise TenantFileError(
        "\n".join(["these tenants are not checked:", *(fault.message for fault in _faults)])
    )
