"""One DAG per tenant file (Airflow). What is wrong with other files shows in `broken_tenants.py`."""

from presync import settings
from presync.airflow.dag import build_dag
from presync.tenants.folder import read_folder

for _tenant in read_folder(settings.tenants_folder()).tenants.values():
    globals()[_tenant.dag_id] = build_dag(_tenant)
