"""One DAG per tenant file (Airflow). What is wrong with other files shows in `broken_tenants.py`."""

from presync import settings
from presync.dag import build_dag
from presync.tenant_folder import read_folder

for _tenant in read_folder(settings.tenants_folder()).tenants.values():
    globals()[_tenant.dag_id] = build_dag(_tenant)
