"""One DAG per tenant file (Airflow), and one for corrections where the file wants it.

That of a file which is refused is tagged `broken` and says why.
"""

from airflow.sdk import get_parsing_context

from presync import settings
from presync.airflow.apply_dag import correcting_dags
from presync.airflow.dag import tenant_dags
from presync.airflow.unbuilt_dag import NOT_CHECKED, broken_dag
from presync.tenants.folder import read_folder, read_tenant_of
from presync.tenants.model import dag_id

settings.refuse_unusable()  # a setting that cannot be used concerns every tenant
_parsing = get_parsing_context()
_folder, _task_of = settings.tenants_folder(), _parsing.dag_id
_found = read_tenant_of(_folder, _task_of) if _task_of else read_folder(_folder)
if _task_of and _found.faults and _parsing.task_id != NOT_CHECKED:
    raise _found.faults[0]  # the file was good when this task's run began; its log says what is wrong now
globals().update({tenant.dag_id: dag for tenant, dag in tenant_dags(_found.tenants.values())})
globals().update({tenant.apply_dag_id: dag for tenant, dag in correcting_dags(_found.tenants.values())})
for _name, _fault in _found.broken.items():
    globals()[dag_id(_name)] = broken_dag(_name, _fault)
