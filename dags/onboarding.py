"""One DAG per tenant file (Airflow). What is wrong with other files shows in `broken_tenants.py`."""

from airflow.sdk import get_parsing_context

from presync import settings
from presync.airflow.dag import tenant_dag
from presync.tenants.folder import read_folder, read_tenant_of

settings.refuse_unusable()  # a setting that cannot be used concerns every tenant
_folder, _task_of = settings.tenants_folder(), get_parsing_context().dag_id
_found = read_tenant_of(_folder, _task_of) if _task_of else read_folder(_folder)
if _task_of and _found.faults:
    raise _found.faults[0]  # only this tenant's task fails, and its log says why
for _tenant in _found.tenants.values():
    globals()[_tenant.dag_id] = tenant_dag(_tenant)
