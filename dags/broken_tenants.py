"""Makes broken tenant files visible: raises their faults, which Airflow shows as this file's import error.

It holds no DAG of its own, so the import error costs no healthy tenant anything.
"""

from presync import settings
from presync.errors import TenantFileError
from presync.tenants.folder import read_folder

_faults = read_folder(settings.tenants_folder()).faults
if _faults:
    raise TenantFileError(
        "\n".join(["these tenants are not checked:", *(fault.message for fault in _faults)])
    )
